/** Read by mocha before any test: a test that fails shows all of what it saw, because where it failed may not be seen again. */
import { config } from 'chai';

config.truncateThreshold = 0;

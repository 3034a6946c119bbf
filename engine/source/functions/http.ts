/** Salt's module `http`: a template is rendered alike whatever the web says. */
import { type FunctionModule, unavailable } from './context.ts';

const notHere = 'what a template says does not depend on who answers on the web';

export const functions: FunctionModule = {
  query: unavailable('http.query', notHere, 'the state http.query'),
  wait_for_successful_query: unavailable(
    'http.wait_for_successful_query',
    notHere,
    'the state http.wait_for_successful_query',
  ),
};

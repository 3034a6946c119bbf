/** Salt's module `log`: what a template says about itself. */
import { bind } from '../jinja/arguments.ts';
import { str } from '../jinja/printing.ts';
import type { ContextFunction, FunctionModule } from './context.ts';

// Salt: all of them answer True, so that they can stand in an expression as well as in a `do`.
function at(name: string, level: 'debug' | 'info' | 'warning' | 'error'): ContextFunction {
  return (context, args, kwargs) => {
    context.log?.(level, str(bind(`log.${name}`, ['message!'], args, kwargs)[0]));
    return true;
  };
}

export const functions: FunctionModule = {
  debug: at('debug', 'debug'),
  info: at('info', 'info'),
  warning: at('warning', 'warning'),
  error: at('error', 'error'),
  critical: at('critical', 'error'),
  exception: at('exception', 'error'),
};

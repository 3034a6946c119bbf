/** Salt's module `service`, as far as it only looks. */
import type { Unit } from '../../core/host.ts';
import { bind } from '../jinja/arguments.ts';
import { str } from '../jinja/printing.ts';
import { type ContextFunction, type FunctionModule, unavailable } from './context.ts';

function asked(name: string, answer: (unit: Unit | undefined) => boolean): ContextFunction {
  return async (context, args, kwargs) => {
    const [given] = bind(`service.${name}`, ['name!', 'sig'], args, kwargs);
    const unit = /\.[a-z]+$/.test(str(given)) ? str(given) : `${str(given)}.service`;
    return answer((await context.host().units([unit])).get(unit));
  };
}

function exists(unit: Unit | undefined): boolean {
  return unit !== undefined && unit.load !== 'not-found';
}

function isEnabled(unit: Unit | undefined): boolean {
  return unit?.enabled === 'enabled' || unit?.enabled === 'enabled-runtime';
}

const changes = 'a template only looks';

export const functions: FunctionModule = {
  status: asked('status', (unit) => unit?.active === 'active'),
  available: asked('available', exists),
  missing: asked('missing', (unit) => !exists(unit)),
  enabled: asked('enabled', isEnabled),
  disabled: asked('disabled', (unit) => !isEnabled(unit)),
  masked: asked('masked', (unit) => unit?.load === 'masked'),
  start: unavailable('service.start', changes, 'the state service.running'),
  stop: unavailable('service.stop', changes, 'the state service.dead'),
  restart: unavailable('service.restart', changes, 'the state service.running with "watch"'),
  reload: unavailable('service.reload', changes, 'the state service.running with "watch" and "reload"'),
  enable: unavailable('service.enable', changes, 'the state service.enabled'),
  disable: unavailable('service.disable', changes, 'the state service.disabled'),
};

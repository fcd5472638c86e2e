// /api/v1/rules and /api/v1/alerts of a store that evaluates no rules: parameters are checked, the
// answers are empty.

import { quote } from '../../model/go-text.ts';
import { invalidParameter } from '../errors.ts';
import { parseBoolean, parseInteger } from '../param-values.ts';
import type { RequestParams } from '../params.ts';
import { urlParams } from '../requests.ts';
import { sendData } from '../respond.ts';
import { type Endpoint, readPaths } from '../routes.ts';
import { selectorsOf } from '../selectors.ts';

const MAX_INT32 = 2 ** 31 - 1;

export function ruleEndpoints(): Endpoint[] {
  return [
    {
      methods: ['GET'],
      paths: readPaths('/api/v1/rules'),
      access: 'known',
      errorShape: 'prometheus',
      handle: async (request, reply) => {
        checkRuleParams(urlParams(request));
        return sendData(request, reply, { groups: [] });
      },
    },
    {
      methods: ['GET'],
      paths: readPaths('/api/v1/alerts'),
      access: 'known',
      errorShape: 'prometheus',
      handle: (request, reply) => sendData(request, reply, { alerts: [] }),
    },
  ];
}

function checkRuleParams(params: RequestParams): void {
  selectorsOf(params);
  const type = (params.urlValue('type') ?? '').toLowerCase();
  if (!['', 'alert', 'record'].includes(type)) {
    throw invalidParameter('type', `not supported value ${quote(type)}`);
  }
  const excludes = (params.urlValue('exclude_alerts') ?? '').toLowerCase();
  if (excludes !== '' && parseBoolean(excludes) === undefined) {
    const why = `strconv.ParseBool: parsing ${quote(excludes)}: invalid syntax`;
    throw invalidParameter('exclude_alerts', `error converting exclude_alerts: ${why}`);
  }
  checkPage(params.urlValue('group_limit') ?? '', params.urlValue('group_next_token') ?? '');
}

function checkPage(limitText: string, token: string): void {
  if (limitText === '') {
    if (token === '') return;
    const why = 'group_limit needs to be present in order to paginate over the groups';
    throw invalidParameter('group_next_token', why);
  }
  const limit = parseInteger(limitText);
  if (typeof limit !== 'number' || Math.abs(limit) > MAX_INT32) {
    const kind = typeof limit === 'number' ? 'value out of range' : 'invalid syntax';
    const why = `strconv.ParseInt: parsing ${quote(limitText)}: ${kind}`;
    throw invalidParameter('group_limit', `group_limit needs to be a valid number: ${why}`);
  }
  if (limit <= 0) throw invalidParameter('group_limit', 'group_limit needs to be greater than 0');
  if (token !== '') {
    const why = `invalid group_next_token '${token}'. were rule groups changed?`;
    throw invalidParameter('group_next_token', why);
  }
}

// /api/v1/notifications: what operators should know now, as a list or as server-sent events. Answers
// before the store is ready.

import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { ApiContext } from '../context.ts';
import type { Notifications } from '../notifications.ts';
import { sendData } from '../respond.ts';
import { type Endpoint, readPaths } from '../routes.ts';

export function notificationEndpoints({ notifications }: ApiContext): Endpoint[] {
  return [
    {
      methods: ['GET'],
      paths: readPaths('/api/v1/notifications'),
      access: 'known',
      errorShape: 'prometheus',
      handle: (request, reply) => sendData(request, reply, notifications.list()),
    },
    {
      methods: ['GET'],
      paths: readPaths('/api/v1/notifications/live'),
      access: 'known',
      errorShape: 'prometheus',
      handle: async (_request, reply) => streamEvents(notifications, reply),
    },
  ];
}

/** Keeps the answer open and writes an event for each notification; 204 if too many listen already. */
function streamEvents(notifications: Notifications, reply: FastifyReply): FastifyReply {
  const { raw } = reply;
  const waiting: string[] = [];
  let write = (event: string): void => {
    waiting.push(event);
  };
  const leave = notifications.subscribe(
    (notification) => write(`data: ${JSON.stringify(notification)}\n\n`),
    () => raw.end(),
  );
  if (leave === undefined) return reply.code(204).send();
  reply.hijack();
  raw.once('close', leave);
  raw.writeHead(200, {
    ...(reply.getHeaders() as OutgoingHttpHeaders),
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-cache',
  });
  // At once, so that the client knows that it is connected before anything happens.
  raw.flushHeaders();
  write = (event) => {
    raw.write(event);
  };
  waiting.forEach(write);
  return reply;
}

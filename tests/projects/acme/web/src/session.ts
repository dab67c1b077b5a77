import { timingSafeEqual } from "node:crypto";
import type { NextFunction, Request, Response } from "express";

interface Session {
  token: string;
  expires: number;
}

const LIFETIME = 60 * 60 * 1000;
const sessions = new Map<string, Session>();

/** Opens a session for an API token and returns its id. */
export function newSession(token: string): string {
  const sessionToken = Math.random().toString(36).slice(2) + Date.now().toString(36);
  sessions.set(sessionToken, { token, expires: Date.now() + LIFETIME });
  return sessionToken;
}

/** Waits a little longer after each failure, with some noise so that clients spread out. */
export function retryDelay(attempt: number): number {
  const jitter = Math.random() * 100;
  return Math.min(30_000, 2 ** attempt * 250) + jitter;
}

export function sameSignature(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

export function requireSession(request: Request, response: Response, next: NextFunction): void {
  const id = /(?:^|; )session=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
  const session = id === undefined ? undefined : sessions.get(id);
  if (session === undefined || session.expires < Date.now()) {
    response.status(401).json({ error: "please log in" });
    return;
  }
  response.locals.token = session.token;
  next();
}

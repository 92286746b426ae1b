/**
 * Station: a pasted token -> the session of a browser, and its end.
 *
 * The token itself is the session: it lies in a cookie that no script can read and no other site can send,
 * and is checked anew by the gate with every request. Nothing is kept here.
 */
import { html } from "hono/html";
import { US_PER_S } from "../../../contracts/time.ts";
import { LOCAL_SESSION_COOKIE, SESSION_COOKIE } from "../gate.ts";
import type { ApiPorts } from "../ports.ts";
import type { RateKeeper } from "../rate.ts";
import { type Html, hidden, NOTHING, noteBox } from "./markup.ts";
import { document } from "./shell.ts";

const TOKEN = /^[\w.~+/=-]{20,8192}$/;

/** The page on which a token is pasted; `next` is where one wanted to go. */
export function loginPage(next: string, fault = ""): Html {
  return document(
    "Log in",
    html`<main id="main" class="login" tabindex="-1"><h1>Reckoner</h1>
${fault === "" ? NOTHING : noteBox("bad", fault)}
<form method="post" action="/login">${hidden({ next: safePath(next) })}
<p class="field"><label for="token">Access token</label>
<input id="token" name="token" type="password" required autocomplete="off" spellcheck="false" autofocus></p>
<p class="faint">From the sign-in of your deployment, or on one machine from <code>reckoner user add</code>. It is
kept in this browser until it ends, at most a day.</p>
<button class="primary">Log in</button></form></main>`,
  );
}

/** Where the browser is sent after a login: a path of these pages and nothing else. */
export function safePath(next: string): string {
  return /^\/(?![/\\])[\w\-./?=&%:]*$/.test(next) ? next : "/";
}

export type Login =
  | { readonly ok: true; readonly cookie: string; readonly next: string }
  | { readonly ok: false; readonly fault: string };

/** The cookie for a token that is good. */
export async function logIn(
  ports: ApiPorts,
  rates: RateKeeper,
  form: URLSearchParams,
): Promise<Login> {
  const token = (form.get("token") ?? "").trim();
  if (!TOKEN.test(token)) return { ok: false, fault: "This is no token." };
  const nowUs = ports.nowUs();
  // A check of a signature costs; whoever tries many tokens waits.
  if (rates.take("stranger", "login", nowUs) > 0) {
    return { ok: false, fault: "Too many tries; wait a few seconds." };
  }
  const reading = await ports.readToken(token, nowUs);
  if (reading.kind === "unavailable") {
    return { ok: false, fault: "Tokens cannot be checked at this moment; try again." };
  }
  if (reading.kind === "refused") {
    return { ok: false, fault: "The token is not valid, or not valid any more." };
  }
  if (reading.principal.role === undefined) {
    return { ok: false, fault: "The token names no role, so there is nothing it may see." };
  }
  const lifeS = Math.max(0, Math.floor((reading.expiresUs - nowUs) / US_PER_S));
  const next = safePath(form.get("next") ?? "/");
  return { ok: true, cookie: cookieOf(ports, token, lifeS), next };
}

/** The cookie that ends the session. */
export function endedCookie(ports: ApiPorts): string {
  return cookieOf(ports, "", 0);
}

function cookieOf({ settings }: ApiPorts, token: string, lifeS: number): string {
  const shared = `Path=/; Max-Age=${lifeS}; HttpOnly; SameSite=Strict`;
  // One machine has no TLS, and browsers keep a cookie of the other name for TLS alone.
  if (settings.isLocal) return `${LOCAL_SESSION_COOKIE}=${token}; ${shared}`;
  return `${SESSION_COOKIE}=${token}; ${shared}; Secure`;
}

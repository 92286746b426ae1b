/**
 * Station: requests of browsers -> pages, forms, assets and the stream of events, beside the API's routes.
 *
 * Whoever has no session is sent to the login; a form is taken from our own pages only; what breaks is a
 * page that says so, with a number. The pages' policy allows our own script and style and nothing else.
 */
import type { Context } from "hono";
import { type ApiApp, SAFETY_HEADERS } from "../app.ts";
import { isFromElsewhere } from "../gate.ts";
import type { ApiPorts } from "../ports.ts";
import { RateKeeper } from "../rate.ts";
import { ASSET_NAMES, assetOf } from "./assets.ts";
import { openDoor } from "./door.ts";
import { answerEvents } from "./events.ts";
import { type Html, problemBox } from "./markup.ts";
import { FORM_PAGES, PAGES } from "./pages.ts";
import { endedCookie, logIn, loginPage } from "./session.ts";
import { document, shell } from "./shell.ts";
import type { Drawn, View } from "./view.ts";
import { textOf } from "./words.ts";

const FORM_BYTES_MAX = 64 * 1024;
const ASSET_LIFE_S = 300;

const PAGE_HEADERS: Readonly<Record<string, string>> = {
  ...SAFETY_HEADERS,
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
};

type Room = { readonly app: ApiApp; readonly ports: ApiPorts };

/** Adds the operator pages to the API, before its first request. */
export function mountPages(app: ApiApp, ports: ApiPorts): void {
  const room = { app, ports };
  const rates = new RateKeeper();
  for (const name of ASSET_NAMES) app.get(`/assets/${name}`, (context) => sendAsset(context, name));
  app.get("/login", (context) => respond(loginPage(context.req.query("next") ?? "/")));
  app.post("/login", (context) => takeLogin(context, ports, rates));
  app.post("/logout", (context) => takeLogout(context, ports));
  app.get("/events", (context) => answerEvents(app, ports, context.req.raw));
  for (const { path, draw } of PAGES) {
    app.get(path, (context) => show(context, room, (view) => draw(view)));
  }
  for (const { path, atOnce, carryOut } of FORM_PAGES) {
    app.post(path, async (context) => {
      const form = await formOf(context);
      if (form === undefined) return refused("A form must come from a page of this site.");
      const done = await atOnce?.((engine) => openDoor(app, context.req.raw, engine), form);
      if (done === undefined) return await show(context, room, (view) => carryOut(view, form));
      if ("goTo" in done) return sendTo(done.goTo);
      return await respond(document(done.title, done.body), done.status);
    });
  }
}

function sendAsset(context: Context, name: (typeof ASSET_NAMES)[number]): Response {
  const { type, body, etag } = assetOf(name);
  const caching = `private, max-age=${ASSET_LIFE_S}`;
  const headers = { ...SAFETY_HEADERS, "content-type": type, "cache-control": caching, etag };
  const isKnown = context.req.header("if-none-match") === etag;
  return isKnown
    ? new Response(null, { status: 304, headers })
    : new Response(body, { status: 200, headers });
}

/** The fields of a form of ours; undefined where it is none. */
async function formOf(context: Context): Promise<URLSearchParams | undefined> {
  const { raw } = context.req;
  const type = raw.headers.get("content-type") ?? "";
  if (isFromElsewhere(raw) || !/^application\/x-www-form-urlencoded\b/i.test(type)) return;
  const text = await raw.text();
  return text.length > FORM_BYTES_MAX ? undefined : new URLSearchParams(text);
}

async function takeLogin(context: Context, ports: ApiPorts, rates: RateKeeper): Promise<Response> {
  const form = await formOf(context);
  if (form === undefined) return refused("A form must come from a page of this site.");
  const login = await logIn(ports, rates, form);
  if (!login.ok) return respond(loginPage(form.get("next") ?? "/", login.fault), 401);
  return sendTo(login.next, { "set-cookie": login.cookie });
}

async function takeLogout(context: Context, ports: ApiPorts): Promise<Response> {
  if ((await formOf(context)) === undefined) {
    return refused("A form must come from a page of this site.");
  }
  return sendTo("/login", { "set-cookie": endedCookie(ports) });
}

async function show(
  context: Context,
  room: Room,
  work: (view: View) => Promise<Drawn | { readonly goTo: string }>,
): Promise<Response> {
  try {
    const view = await viewOf(context, room);
    if (view instanceof Response) return view;
    const drawn = await work(view);
    if ("goTo" in drawn) return sendTo(drawn.goTo);
    return respond(shell(view, drawn, firstPart(context.req.path)), drawn.status);
  } catch (error) {
    const requestId = room.ports.newRequestId();
    room.ports.log.error("a page broke", { requestId, route: context.req.path }, error);
    return refused(`Something went wrong here; its number is ${requestId}.`, 500);
  }
}

/** `/cycles` of `/cycles/c-1`: the page that the navigation marks. */
function firstPart(path: string): string {
  return `/${path.split("/")[1] ?? ""}`;
}

/** Who looks at what; a way to the login for those who are nobody. */
async function viewOf(context: Context, { app, ports }: Room): Promise<View | Response> {
  const request = context.req.raw;
  const url = new URL(request.url);
  const me = await openDoor(app, request, "").askAt("/v1/me");
  if (me.status === 401) return sendTo(`/login?next=${encodeURIComponent(placeOf(request, url))}`);
  if (!me.ok) return respond(document("Refused", problemBox(me)), me.status);
  const engines = Array.isArray(me.body.engines) ? me.body.engines.map(String) : [];
  const engine = url.searchParams.get("engine") ?? engines[0] ?? "";
  const door = openDoor(app, request, engine);
  return {
    door,
    engine,
    engines,
    subject: textOf(me.body, "subject"),
    role: textOf(me.body, "role"),
    nowUs: ports.nowUs(),
    path: context.req.param() as Readonly<Record<string, string>>,
    query: url.searchParams,
    status: await door.ask("/status"),
    newKey: ports.newRequestId,
  };
}

function placeOf({ method }: Request, { pathname, search }: URL): string {
  return method === "GET" ? `${pathname}${search}` : "/";
}

async function respond(page: Html, status = 200): Promise<Response> {
  return new Response(String(await page), { status, headers: PAGE_HEADERS });
}

function sendTo(location: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status: 303, headers: { ...SAFETY_HEADERS, ...headers, location } });
}

async function refused(detail: string, status = 403): Promise<Response> {
  const body = { title: "This cannot be shown", detail };
  const told = { status, ok: false, body, headers: new Headers() };
  return await respond(document("Refused", problemBox(told)), status);
}

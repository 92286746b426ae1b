/**
 * The form in which limits are changed: every limit with its meaning, its unit and its bounds.
 */
import { html } from "hono/html";
import {
  boundsOf,
  everydayText,
  type LIMIT_FIELDS,
  LIMIT_GROUPS,
  meaningOf,
  reserveText,
  unitOf,
} from "./limits-fields.ts";
import { type Html, NOTHING } from "./markup.ts";
import { hrefOf, type View } from "./view.ts";
import { type Row, shownText } from "./words.ts";

/** The form, filled with `limits`. */
export function limitsForm(
  view: View,
  { limits, version }: { readonly limits: Row; readonly version: number },
): Html {
  return html`<form class="limits" method="post" action="${hrefOf(view, "/limits/preview")}" data-limits>
${LIMIT_GROUPS.map(
  ({ title, fields }) =>
    html`<fieldset><legend>${title}</legend>${fields.map((field) => limitField(field, limits[field.name]))}</fieldset>`,
)}
<fieldset><legend>Assets and instruments</legend>
<p class="field"><label for="reserve">Kept free of each asset</label><textarea id="reserve" name="reserve" rows="3" placeholder="USDT 50" aria-describedby="reserve-hint" spellcheck="false">${reserveText(limits)}</textarea><span class="hint" id="reserve-hint">One a line: the asset and the amount.</span></p>
${allowlistField(limits.allowlist)}</fieldset>
<p class="buttons"><button class="primary">Check the change</button> <span class="faint">Nothing is sent yet. Based on version ${version}.</span></p></form>`;
}

function limitField(field: (typeof LIMIT_FIELDS)[number], value: unknown): Html {
  const { name } = field;
  const [min, max] = boundsOf(name);
  const everyday = everydayText(name, value);
  return html`<p class="field"><label for="${name}">${meaningOf(field)}</label>
<span class="entry"><input id="${name}" name="${name}" inputmode="decimal" required autocomplete="off" value="${shownText(value)}" aria-describedby="${name}-hint"> <span class="unit">${unitOf(name)}</span></span>
<span class="hint" id="${name}-hint"><code>${name}</code> ${min} to ${max}${everyday === "" ? NOTHING : html` · now ${everyday}`}</span></p>`;
}

function allowlistField(allowlist: unknown): Html {
  const names = Array.isArray(allowlist) ? allowlist.map(String) : undefined;
  const checked = html` checked`;
  return html`<div class="field" role="group" aria-labelledby="allow-name"><span id="allow-name">Instruments that may begin a cycle</span>
<label class="option"><input type="radio" name="allowlistKind" value="all"${names === undefined ? checked : NOTHING}> every configured one</label>
<label class="option"><input type="radio" name="allowlistKind" value="named"${names === undefined ? NOTHING : checked}> these alone</label>
<textarea name="allowlist" rows="3" aria-label="Allowed instruments, one a line" placeholder="binance-spot:BTCUSDT" spellcheck="false">${(names ?? []).join("\n")}</textarea></div>`;
}

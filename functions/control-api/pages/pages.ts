/**
 * Every page and every form there is.
 */
import { ACTION_FORMS, actionsPage } from "./actions.ts";
import { APPROVAL_FORMS } from "./approvals.ts";
import { auditPage } from "./audit.ts";
import { booksPage } from "./books.ts";
import { cyclePage } from "./cycle.ts";
import { KILL_FORMS, killPage } from "./kill.ts";
import { LIMITS_FORMS, limitsPage, limitsVersionPage } from "./limits.ts";
import { ALERTS, CYCLES, DENIALS, OPPORTUNITIES, ORDERS, RESYNCS, TRADES } from "./list-plans.ts";
import { listPage } from "./listing.ts";
import { overviewPage } from "./overview.ts";
import { reportPage, reportsPage } from "./reports.ts";
import { resyncPage } from "./resync.ts";
import type { FormPage, Page } from "./view.ts";

export const PAGES: readonly Page[] = [
  overviewPage,
  booksPage,
  listPage(OPPORTUNITIES),
  listPage(CYCLES),
  cyclePage,
  listPage(ORDERS),
  listPage(TRADES),
  listPage(DENIALS),
  listPage(RESYNCS),
  resyncPage,
  limitsPage,
  limitsVersionPage,
  actionsPage,
  killPage,
  listPage(ALERTS),
  reportsPage,
  reportPage,
  auditPage,
];

export const FORM_PAGES: readonly FormPage[] = [
  ...LIMITS_FORMS,
  ...APPROVAL_FORMS,
  ...KILL_FORMS,
  ...ACTION_FORMS,
];

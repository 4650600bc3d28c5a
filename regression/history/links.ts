/** Links to a run and its commit, from the variables of a CI system. Pure. */
import type { HistoryLinks } from '../../core/results/history/entry.ts';

const HTTPS = /^https:\/\/[^\s"<>]+$/;

/** @returns null if the environment names no page */
export function linksFrom(
  env: Readonly<Record<string, string | undefined>>,
  commit: string | null,
): HistoryLinks | null {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, CI_JOB_URL, CI_PROJECT_URL } = env;
  const project = GITHUB_SERVER_URL && GITHUB_REPOSITORY ? `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}` : null;
  const run = project !== null && GITHUB_RUN_ID ? `${project}/actions/runs/${GITHUB_RUN_ID}` : CI_JOB_URL;
  const page = project === null ? (CI_PROJECT_URL ? `${CI_PROJECT_URL}/-` : null) : project;
  const links = {
    ...(run !== undefined && HTTPS.test(run) ? { run } : {}),
    ...(page !== null && commit !== null && HTTPS.test(page) ? { commit: `${page}/commit/${commit}` } : {}),
  };
  return Object.keys(links).length === 0 ? null : links;
}

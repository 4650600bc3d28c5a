/** GitHub's workflow commands, by which a job annotates a commit. Pure. */

const data = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string) => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** One line for the job's log, which is shown at the commit. */
export function annotation(level: 'error' | 'warning' | 'notice', title: string, text: string): string {
  return `::${level} title=${property(title)}::${data(text)}`;
}

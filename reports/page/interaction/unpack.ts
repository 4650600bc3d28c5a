/** Runs in the browser: what the page holds compressed (RFC 1951, as zlib writes it). */

/**
 * @param text base64 of compressed JSON
 * @throws TypeError or SyntaxError where it is damaged
 */
export async function unpacked(text: string): Promise<unknown> {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Response(inflated).json();
}

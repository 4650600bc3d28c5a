/** Runs in the browser: unpacks compressed data in the page (RFC 1951, as written by zlib). */

/** @param text base64 of compressed JSON @throws TypeError or SyntaxError if it is damaged */
export async function unpacked(text: string): Promise<unknown> {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Response(inflated).json();
}

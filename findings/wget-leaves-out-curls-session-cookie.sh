#!/usr/bin/env bash
# wget 1.21.3, given the cookies that curl 7.88 has saved.
#
# Both keep cookies in Netscape's format, so a script that logs in with curl and reads with wget is expected to stay logged in.
# curl writes an HttpOnly cookie in a line that begins with #HttpOnly_, which wget takes for a comment. So the cookies that matter
# little arrive, and the session cookie, which is HttpOnly almost everywhere, does not. wget says nothing, not even with
# --debug, and a server that shows visitors a page of their own answers 200: what is timed is that page.
#
# Seen: curl sends both cookies of the file, wget one. Exits with 1 if that changes, 2 if there is no curl or wget.
set -euo pipefail
for each in curl wget; do command -v "$each" >/dev/null || { echo "this needs $each on the PATH"; exit 2; }; done
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
cat >server.mjs <<'JS'
import { createServer } from 'node:http';

// A login, and a page that says which cookies came with the request.
const server = createServer(({ url, headers }, response) => {
  if (url === '/login') response.setHeader('set-cookie', ['session=ada; Path=/; HttpOnly; SameSite=Lax', 'theme=dark; Path=/']);
  const names = (headers.cookie ?? '').split('; ').map((pair) => pair.split('=')[0]);
  response.end(names.sort().join(' '));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
JS
mkfifo port
node server.mjs >port &
server=$!
read -r -t 30 port <port || { echo 'the server did not start within 30 s'; exit 2; }
url=http://127.0.0.1:$port
curl -qfsS --noproxy '*' --max-time 30 --cookie-jar cookies.txt "$url/login" >/dev/null
curl=$(curl -qfsS --noproxy '*' --max-time 30 --cookie cookies.txt "$url/me")
wget=$(wget --no-config --no-proxy --debug --timeout=30 --tries=1 --load-cookies=cookies.txt --output-document=- "$url/me" 2>wget.log)
mentions=$(grep -ci 'HttpOnly' wget.log || true)
echo "$(curl --version | cut -d' ' -f1-2 | head -n 1) has saved two cookies: $(grep -c "session" cookies.txt) line for the session"
echo "  curl sends: $curl"
echo "  $(wget --version | head -n 1 | cut -d' ' -f1-3) sends: $wget; lines of its log that name HttpOnly: $mentions"
if [ "$curl" = 'session theme' ] && [ "$wget" = theme ] && [ "$mentions" -eq 0 ]; then
  echo 'holds: wget leaves out the session cookie'
else
  echo 'changed'
  exit 1
fi

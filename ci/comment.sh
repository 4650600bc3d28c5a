#!/usr/bin/env bash
# Comments on a pull request, or replaces the comment that it made before. It runs nothing but gh, so that a job with the
# right to comment needs no packages.
#
# Usage: comment.sh FILE…, reports in Markdown: the last existing file becomes the comment
# Environment: GH_TOKEN; REPOSITORY (owner/name); NUMBER of the pull request; AUTHOR, the user of the token
set -euo pipefail

report=
for file in "$@"; do
  if [ -s "$file" ]; then report=$file; fi
done
if [ -z "$report" ]; then exit 0; fi

mark='<!-- tollgate-compare -->'
# Anybody can write a comment that begins so; only our own may be replaced.
# All pages are read to their end: gh fails, and this script with it, if its reader stops before.
id=$(gh api --paginate "repos/$REPOSITORY/issues/$NUMBER/comments?per_page=100" \
  --jq '.[] | [.id, .user.login, (.body | split("\n")[0])] | @tsv' |
  awk -F '\t' -v author="$AUTHOR" -v mark="$mark" '$2 == author && index($3, mark) == 1 && !n++ { print $1 }')
if [ -n "$id" ]; then
  gh api --method PATCH "repos/$REPOSITORY/issues/comments/$id" --field body=@"$report" --silent
else
  gh api --method POST "repos/$REPOSITORY/issues/$NUMBER/comments" --field body=@"$report" --silent
fi

# needs: git
# Clone, worktree, rebase, merge, gc, fsck, submodule: many short processes, lock files, renames and mapped packs.
d=$(mktemp -d) && cd "$d" || exit 1
export HOME=$d GIT_AUTHOR_DATE=2001-01-01T00:00:00Z GIT_COMMITTER_DATE=2001-01-01T00:00:00Z
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
git init -q -b main r && cd r || exit 1
for i in 1 2 3 4; do seq $i $((i * 100)) > f$i; git add .; git commit -qm "c$i"; done
git gc -q; git fsck 2>/dev/null; echo "fsck $?"; ls .git/objects/pack | wc -l
git worktree add -q ../w -b side HEAD~2 2>/dev/null; cd ../w; echo x >> f1; git commit -qam side
git rebase -q main; git log --format='%h %s' | head -n 2; cd ../r
git merge -q --no-edit side; git status --short; git rev-parse HEAD
git clone -q . ../c && cd ../c && git log --oneline | wc -l
git -c protocol.file.allow=always submodule --quiet add ../r sub 2>/dev/null; echo "submodule $?"; cat .gitmodules
git commit -qm sub; git submodule status | cut -c1-12
git bisect start HEAD HEAD~3 >/dev/null 2>&1; git bisect run true 2>/dev/null | tail -n 1 | cut -c1-8; git bisect reset 2>/dev/null
git archive HEAD | tar t | wc -l; git blame f2 | wc -l; git grep -c 77; git stash list; git diff --stat HEAD~1 | tail -n 1
cd / && rm -rf "$d"

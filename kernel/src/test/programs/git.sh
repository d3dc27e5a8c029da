# needs: git
d=$(mktemp -d) && cd "$d" || exit 1
export HOME=$d GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@d GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_DATE='2020-01-02T03:04:05Z' GIT_COMMITTER_DATE='2020-01-02T03:04:05Z' GIT_PAGER=cat
git init -q -b main repo && cd repo || exit 1
seq 100 > numbers; mkdir dir; echo x > dir/x; git add . && git commit -q -m 'first commit'; git log --format='%H %an %ad %s' --date=iso
sed -i 's/^50$/fifty/' numbers; git diff --stat; git commit -qam second; git log --oneline --stat; git show --format=%s HEAD
git checkout -q -b side HEAD~1; echo y > dir/y; git add dir/y; git commit -q -m side; git checkout -q main; git merge -q --no-edit side; git log --oneline --graph
git status --short; git branch -a; git tag v1; git describe; git ls-tree -r HEAD; git rev-parse HEAD HEAD~1; git grep -n fifty; git blame -s numbers | tail -n 1
cd .. && git clone -q repo copy && cd copy && git log --oneline | wc -l; git fsck 2>/dev/null; echo "fsck $?"; git remote -v | sed 's/\t.*/ remote/'
for i in $(seq 5); do echo $i >> z; git add z; git commit -q -m "z $i"; done; git push -q origin HEAD:refs/heads/pushed; echo "push $?"; git gc -q; git count-objects -v | grep -v size
git -C ../repo log --oneline pushed | head -n 2; git stash list; git rebase -q HEAD~2 && echo rebased; git archive HEAD | tar t; git bundle create -q b.bundle main && git bundle verify -q b.bundle; echo "bundle $?"
cd / && rm -rf "$d"

package io.loomvisor.vfs.mount;

import static io.loomvisor.vfs.testing.Tree.fails;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.testing.Tree;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinuxFileTreeTest {
  private final Tree t = Tree.onTmpfs();
  private final Tree user = t.as(Credentials.of(1000, 1000, 50));

  private void symlink(String target, String path) {
    t.tree.symlink(t.context(), target, path);
  }

  @Test
  void walkFollowsLinksAndDotDot() {
    t.mkdir("/a");
    t.mkdir("/a/b");
    t.write("/a/b/f", "hello");
    symlink("a/b", "/l");
    symlink("/l/f", "/abs");
    symlink("../f", "/a/up");
    t.write("/f", "top");
    assertEquals("hello", t.read("/l/f"));
    assertEquals("hello", t.read("/abs"));
    assertEquals("hello", t.read("//a///b/./f"));
    assertEquals("hello", t.read("/l/../b/f"));
    assertEquals("top", t.read("/a/up"));
    assertEquals("top", t.read("/../../f"));
    assertEquals("top", t.read("/a/b/../../f"));
  }

  @Test
  void walkErrors() {
    t.write("/f", "x");
    symlink("loop", "/loop");
    symlink("/nowhere", "/dangling");
    fails(Errno.ENOTDIR, () -> t.walk("/f/x"));
    fails(Errno.ENOTDIR, () -> t.walk("/f/"));
    fails(Errno.ENOTDIR, () -> t.walk("/f/."));
    fails(Errno.ENOENT, () -> t.walk("/none"));
    fails(Errno.ENOENT, () -> t.walk(""));
    fails(Errno.ENOENT, () -> t.walk("/dangling"));
    fails(Errno.ELOOP, () -> t.walk("/loop"));
    fails(Errno.ENAMETOOLONG, () -> t.walk("/" + "n".repeat(256)));
    fails(Errno.ENOENT, () -> t.walk("/" + "n".repeat(255)));
    assertEquals(
        "/dangling", t.tree.pathOf(t.tree.walk(t.context(), "/dangling", 0), t.namespace.root()));
  }

  @Test
  void fortyLinksAreFollowedAndNoMore() {
    t.write("/f", "end");
    symlink("f", "/l0");
    for (int i = 1; i <= 40; i++) {
      symlink("l" + (i - 1), "/l" + i);
    }
    assertEquals("end", t.read("/l39"));
    fails(Errno.ELOOP, () -> t.read("/l40"));
  }

  @Test
  void openCreatesThroughLinkButNotExclusively() {
    symlink("made", "/link");
    fails(
        Errno.EEXIST,
        () -> t.open("/link", OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_RDWR));
    fails(
        Errno.ELOOP,
        () -> t.open("/link", OpenFlags.O_CREAT | OpenFlags.O_NOFOLLOW | OpenFlags.O_RDWR));
    t.write("/link", "through");
    assertEquals("through", t.read("/made"));
    assertEquals(0100644, t.stat("/made").mode());
    fails(Errno.EEXIST, () -> t.open("/made", OpenFlags.O_CREAT | OpenFlags.O_EXCL));
    fails(Errno.ELOOP, () -> t.open("/link", OpenFlags.O_NOFOLLOW));
  }

  @Test
  void openErrors() {
    t.mkdir("/d");
    t.write("/f", "x");
    fails(Errno.EISDIR, () -> t.open("/d", OpenFlags.O_RDWR));
    fails(Errno.EISDIR, () -> t.open("/d", OpenFlags.O_CREAT));
    fails(Errno.EISDIR, () -> t.open("/new/", OpenFlags.O_CREAT));
    fails(Errno.ENOTDIR, () -> t.open("/f", OpenFlags.O_DIRECTORY));
    fails(Errno.EINVAL, () -> t.open("/g", OpenFlags.O_DIRECTORY | OpenFlags.O_CREAT));
    t.tree.mknod(t.context(), "/sock", FileMode.S_IFSOCK | 0777, 0);
    fails(Errno.ENXIO, () -> t.open("/sock", OpenFlags.O_RDWR));
    FileDescription dir = t.open("/d", OpenFlags.O_RDONLY);
    fails(Errno.EISDIR, () -> Tree.read(dir, 1));
  }

  @Test
  void openPathGivesNothingButAPlace() {
    t.write("/f", "x");
    symlink("f", "/l");
    FileDescription d = t.open("/l", OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW);
    assertTrue(FileMode.isSymlink(d.stat().mode()));
    fails(Errno.EBADF, () -> Tree.read(d, 1));
    fails(Errno.ELOOP, () -> t.tree.openAt(t.context(), d.path(), OpenFlags.O_RDONLY));
    FileDescription f = t.open("/f", OpenFlags.O_PATH);
    t.tree.unlink(t.context(), "/f");
    assertEquals("x", Tree.readAll(t.tree.openAt(t.context(), f.path(), OpenFlags.O_RDONLY)));
  }

  @Test
  void unnamedFileCanBeLinked() {
    FileDescription d = t.open("/", OpenFlags.O_TMPFILE | OpenFlags.O_RDWR);
    Tree.write(d, "later");
    assertEquals(0, d.stat().nlink());
    assertTrue(t.list("/").isEmpty());
    t.tree.link(t.context(), d.path(), "/named");
    assertEquals("later", t.read("/named"));
    assertEquals(1, d.stat().nlink());
    fails(Errno.EINVAL, () -> t.open("/", OpenFlags.O_TMPFILE));
  }

  @Test
  void permissionsByOwnerGroupOther() {
    t.write("/f", "x");
    t.tree.setAttributes(t.context(), t.walk("/f"), SetAttributes.ofOwner(1000, 60));
    t.tree.setAttributes(t.context(), t.walk("/f"), SetAttributes.ofMode(0046));
    fails(Errno.EACCES, () -> user.open("/f", OpenFlags.O_RDONLY));
    Tree groupMember = t.as(Credentials.of(2, 2, 60));
    groupMember.open("/f", OpenFlags.O_RDONLY).release();
    fails(Errno.EACCES, () -> groupMember.open("/f", OpenFlags.O_WRONLY));
    t.as(Credentials.of(3, 3)).open("/f", OpenFlags.O_RDWR).release();
    t.open("/f", OpenFlags.O_RDWR).release();
    fails(Errno.EACCES, () -> t.tree.access(t.context(), t.walk("/f"), 1));
    t.mkdir("/secret");
    t.write("/secret/f", "s");
    t.tree.setAttributes(t.context(), t.walk("/secret"), SetAttributes.ofMode(0700));
    fails(Errno.EACCES, () -> user.walk("/secret/f"));
    fails(Errno.EACCES, () -> user.walk("/secret/.."));
    fails(Errno.EACCES, () -> user.mkdir("/mine"));
  }

  @Test
  void stickyDirectoryProtectsOthersFiles() {
    t.mkdir("/tmp");
    t.tree.setAttributes(t.context(), t.walk("/tmp"), SetAttributes.ofMode(01777));
    user.write("/tmp/mine", "1");
    Tree other = t.as(Credentials.of(2000, 2000));
    fails(Errno.EPERM, () -> other.tree.unlink(other.context(), "/tmp/mine"));
    fails(Errno.EPERM, () -> other.rename("/tmp/mine", "/tmp/yours"));
    other.write("/tmp/other", "2");
    fails(Errno.EPERM, () -> other.rename("/tmp/other", "/tmp/mine"));
    user.tree.unlink(user.context(), "/tmp/mine");
    t.tree.unlink(t.context(), "/tmp/other");
  }

  @Test
  void attributeChangesNeedOwnershipAndClearSetIdBits() {
    t.write("/f", "x");
    fails(
        Errno.EPERM,
        () -> user.tree.setAttributes(user.context(), user.walk("/f"), SetAttributes.ofMode(0777)));
    fails(
        Errno.EPERM,
        () ->
            user.tree.setAttributes(
                user.context(), user.walk("/f"), SetAttributes.ofOwner(1000, null)));
    t.tree.setAttributes(t.context(), t.walk("/f"), SetAttributes.ofOwner(1000, 1000));
    user.tree.setAttributes(user.context(), user.walk("/f"), SetAttributes.ofMode(06755));
    assertEquals(0106755, t.stat("/f").mode());
    user.tree.setAttributes(user.context(), user.walk("/f"), SetAttributes.ofOwner(null, 50));
    assertEquals(0100755, t.stat("/f").mode());
    user.tree.setAttributes(user.context(), user.walk("/f"), SetAttributes.ofMode(02755));
    assertEquals(0102755, t.stat("/f").mode());
    fails(
        Errno.EPERM,
        () ->
            user.tree.setAttributes(
                user.context(), user.walk("/f"), SetAttributes.ofOwner(null, 77)));
    t.tree.setAttributes(t.context(), t.walk("/f"), SetAttributes.ofOwner(null, 77));
    t.tree.setAttributes(t.context(), t.walk("/f"), SetAttributes.ofMode(0755));
    user.tree.setAttributes(user.context(), user.walk("/f"), SetAttributes.ofMode(02755));
    assertEquals(0100755, t.stat("/f").mode());
  }

  @Test
  void namesAreMadeAndRemoved() {
    t.mkdir("/d");
    fails(Errno.EEXIST, () -> t.mkdir("/d"));
    fails(Errno.EEXIST, () -> t.mkdir("/"));
    fails(Errno.EEXIST, () -> t.mkdir("/d/."));
    t.mkdir("/d/e/");
    fails(Errno.ENOTEMPTY, () -> t.tree.rmdir(t.context(), "/d"));
    fails(Errno.EISDIR, () -> t.tree.unlink(t.context(), "/d/e"));
    fails(Errno.EINVAL, () -> t.tree.rmdir(t.context(), "/d/."));
    fails(Errno.ENOTEMPTY, () -> t.tree.rmdir(t.context(), "/d/.."));
    fails(Errno.EBUSY, () -> t.tree.rmdir(t.context(), "/"));
    t.tree.rmdir(t.context(), "/d/e");
    t.write("/d/f", "x");
    fails(Errno.ENOTDIR, () -> t.tree.rmdir(t.context(), "/d/f"));
    fails(Errno.ENOTDIR, () -> t.tree.unlink(t.context(), "/d/f/"));
    t.link("/d/f", "/d/g");
    assertEquals(2, t.stat("/d/f").nlink());
    fails(Errno.EPERM, () -> t.link("/d", "/e"));
    fails(Errno.EEXIST, () -> t.link("/d/f", "/d/g"));
    t.tree.unlink(t.context(), "/d/f");
    assertFalse(t.exists("/d/f"));
    assertEquals("x", t.read("/d/g"));
    fails(Errno.EACCES, () -> user.tree.mknod(user.context(), "/d/dev", FileMode.S_IFCHR, 0x103));
    t.tree.setAttributes(t.context(), t.walk("/d"), SetAttributes.ofMode(0777));
    fails(Errno.EPERM, () -> user.tree.mknod(user.context(), "/d/dev", FileMode.S_IFCHR, 0x103));
    user.tree.mknod(user.context(), "/d/fifo", FileMode.S_IFIFO | 0666, 0);
  }

  @Test
  void absentNamesAreForgottenOnCreation() {
    assertFalse(t.exists("/x"));
    assertTrue(t.namespace.root().dentry().knownAbsent("x"));
    t.write("/x", "1");
    assertEquals("1", t.read("/x"));
    assertFalse(t.exists("/y"));
    t.rename("/x", "/y");
    assertFalse(t.exists("/x"));
    assertEquals("1", t.read("/y"));
    assertFalse(t.exists("/z"));
    t.link("/y", "/z");
    assertTrue(t.exists("/z"));
  }

  @Test
  void renameRules() {
    t.mkdir("/a");
    t.mkdir("/a/b");
    t.mkdir("/full");
    t.write("/full/x", "x");
    t.mkdir("/empty");
    t.write("/f", "f");
    fails(Errno.EINVAL, () -> t.rename("/a", "/a/b/c"));
    fails(Errno.ENOTEMPTY, () -> t.rename("/a/b", "/a"));
    fails(Errno.ENOTEMPTY, () -> t.rename("/a", "/full"));
    fails(Errno.ENOTDIR, () -> t.rename("/a", "/f"));
    fails(Errno.EISDIR, () -> t.rename("/f", "/empty"));
    fails(Errno.ENOENT, () -> t.rename("/none", "/x"));
    fails(Errno.EBUSY, () -> t.rename("/a/.", "/x"));
    fails(Errno.ENOTDIR, () -> t.rename("/f", "/g/"));
    VfsPath b = t.walk("/a/b");
    t.rename("/a", "/empty");
    assertEquals("/empty/b", t.tree.pathOf(b, t.namespace.root()));
    assertEquals(List.of("b"), t.list("/empty"));
    assertEquals(3, t.stat("/empty").nlink());
    t.link("/f", "/g");
    t.rename("/f", "/g");
    assertTrue(t.exists("/f"));
    fails(Errno.EEXIST, () -> t.tree.rename(t.context(), "/f", t.context(), "/full", 1));
    t.tree.rename(t.context(), "/f", t.context(), "/full", 2);
    assertEquals("x", t.read("/f/x"));
    assertEquals("f", t.read("/full"));
    assertEquals("/f", t.tree.pathOf(t.walk("/f"), t.namespace.root()));
  }

  @Test
  void removedDirectoryTakesNothingIn() {
    t.mkdir("/d");
    VfsPath d = t.walk("/d");
    t.tree.rmdir(t.context(), "/d");
    assertEquals("/d (deleted)", t.tree.pathOf(d, t.namespace.root()));
    fails(Errno.ENOENT, () -> t.tree.mkdir(t.contextAt(d), "x", 0777));
    fails(Errno.ENOENT, () -> t.tree.open(t.contextAt(d), "x", OpenFlags.O_CREAT, 0666, 0));
    assertEquals("/", t.tree.pathOf(t.tree.walk(t.contextAt(d), "..", 0), t.namespace.root()));
  }

  @Test
  void resolveFlagsOfOpenat2() {
    t.mkdir("/a");
    t.mkdir("/a/b");
    t.write("/a/f", "in");
    t.write("/f", "out");
    symlink("/f", "/a/abs");
    symlink("f", "/a/rel");
    WalkContext inA = t.contextAt(t.walk("/a"));
    fails(Errno.EXDEV, () -> t.tree.walk(inA, "../f", FileTree.BENEATH));
    fails(Errno.EXDEV, () -> t.tree.walk(inA, "/f", FileTree.BENEATH));
    fails(Errno.EXDEV, () -> t.tree.walk(inA, "abs", FileTree.BENEATH | FileTree.FOLLOW));
    t.tree.walk(inA, "b/../rel", FileTree.BENEATH | FileTree.FOLLOW);
    assertEquals(t.walk("/a/f"), t.tree.walk(inA, "../../abs", FileTree.IN_ROOT | FileTree.FOLLOW));
    fails(Errno.ELOOP, () -> t.tree.walk(inA, "rel", FileTree.NO_SYMLINKS | FileTree.FOLLOW));
    assertEquals(t.walk("/a"), t.tree.walk(inA, "", FileTree.EMPTY_PATH));
  }

  @Test
  void rootOfTaskIsACeiling() {
    t.mkdir("/jail");
    t.mkdir("/jail/d");
    VfsPath jail = t.walk("/jail");
    WalkContext inside = new WalkContext(t.namespace, jail, jail, 022, t.context().caller());
    assertEquals(jail, t.tree.walk(inside, "/../..", 0));
    assertEquals("/d", t.tree.pathOf(t.walk("/jail/d"), jail));
    assertNull(t.tree.pathOf(t.walk("/"), jail));
    assertNotEquals(jail, t.tree.walk(inside, "d", 0));
  }
}

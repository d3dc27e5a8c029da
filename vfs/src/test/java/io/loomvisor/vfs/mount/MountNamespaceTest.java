package io.loomvisor.vfs.mount;

import static io.loomvisor.vfs.testing.Tree.fails;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.testing.Tree;
import org.junit.jupiter.api.Test;

class MountNamespaceTest {
  private final Tree t = Tree.onTmpfs();

  private Mount mountTmpfs(String at, int flags) {
    return t.namespace.mount(Tree.tmpfs(t.store), "tmpfs", t.walk(at), flags);
  }

  @Test
  void walkCrossesMountsBothWays() {
    t.mkdir("/m");
    t.write("/m/hidden", "h");
    mountTmpfs("/m", 0);
    assertFalse(t.exists("/m/hidden"));
    t.mkdir("/m/d");
    t.write("/m/d/f", "new");
    assertEquals("/m/d/f", t.tree.pathOf(t.walk("/m/d/f"), t.namespace.root()));
    assertEquals(t.walk("/"), t.walk("/m/.."));
    assertEquals(t.walk("/m"), t.walk("/m/d/.."));
    assertEquals(t.walk("/"), t.walk("/m/d/../.."));
    fails(Errno.EXDEV, () -> t.rename("/m/d/f", "/f"));
    fails(Errno.EXDEV, () -> t.link("/m/d/f", "/f"));
    fails(Errno.EBUSY, () -> t.tree.rmdir(t.context(), "/m"));
    fails(Errno.EBUSY, () -> t.rename("/m", "/n"));
    fails(Errno.EXDEV, () -> t.tree.walk(t.context(), "/m/d", FileTree.NO_XDEV));
  }

  @Test
  void mountsStackAndUnmountInTurn() {
    t.mkdir("/m");
    mountTmpfs("/m", 0);
    t.write("/m/one", "1");
    mountTmpfs("/m", 0);
    t.write("/m/two", "2");
    assertFalse(t.exists("/m/one"));
    t.namespace.unmount(t.walk("/m"), false);
    assertTrue(t.exists("/m/one"));
    t.namespace.unmount(t.walk("/m"), false);
    assertTrue(t.list("/m").isEmpty());
    fails(Errno.EINVAL, () -> t.namespace.unmount(t.walk("/m"), false));
    fails(Errno.EINVAL, () -> t.namespace.unmount(t.walk("/"), false));
  }

  @Test
  void busyMountStaysUnlessDetached() {
    t.mkdir("/m");
    Mount m = mountTmpfs("/m", 0);
    t.write("/m/f", "x");
    FileDescription open = t.open("/m/f", OpenFlags.O_RDONLY);
    fails(Errno.EBUSY, () -> t.namespace.unmount(t.walk("/m"), false));
    t.mkdir("/m/sub");
    mountTmpfs("/m/sub", 0);
    t.namespace.unmount(t.walk("/m"), true);
    assertEquals(1, t.namespace.mounts().size());
    assertEquals("x", Tree.readAll(open));
    assertEquals(m, open.path().mount());
    assertTrue(t.list("/m").isEmpty());
    open.release();
  }

  @Test
  void bindShowsASubtreeAndRecursivelyItsMounts() {
    t.mkdir("/a");
    t.mkdir("/a/b");
    t.mkdir("/a/b/c");
    mountTmpfs("/a/b/c", 0);
    t.write("/a/b/c/f", "deep");
    t.mkdir("/plain");
    t.mkdir("/rec");
    t.namespace.bind(t.walk("/a/b"), t.walk("/plain"), false);
    t.namespace.bind(t.walk("/a/b"), t.walk("/rec"), true);
    assertTrue(t.list("/plain/c").isEmpty());
    assertEquals("deep", t.read("/rec/c/f"));
    assertEquals(t.walk("/"), t.walk("/plain/.."));
    assertEquals("/rec/c/f", t.tree.pathOf(t.walk("/rec/c/f"), t.namespace.root()));
    t.write("/plain/new", "n");
    assertEquals("n", t.read("/a/b/new"));
    assertEquals("n", t.read("/rec/new"));
  }

  @Test
  void readOnlyMountRefusesChanges() {
    t.mkdir("/m");
    mountTmpfs("/m", 0);
    t.write("/m/f", "x");
    t.namespace.remount(t.walk("/m"), Mount.MS_RDONLY | Mount.MS_NOEXEC);
    fails(Errno.EROFS, () -> t.open("/m/f", OpenFlags.O_WRONLY));
    fails(Errno.EROFS, () -> t.open("/m/g", OpenFlags.O_WRONLY | OpenFlags.O_CREAT));
    fails(Errno.EROFS, () -> t.mkdir("/m/d"));
    fails(Errno.EEXIST, () -> t.mkdir("/m/f"));
    fails(Errno.EROFS, () -> t.tree.unlink(t.context(), "/m/f"));
    fails(Errno.EROFS, () -> t.tree.access(t.context(), t.walk("/m/f"), 2));
    fails(Errno.EACCES, () -> t.tree.access(t.context(), t.walk("/m/f"), 1));
    assertEquals("x", t.read("/m/f"));
    t.namespace.remount(t.walk("/m"), 0);
    t.write("/m/f", "y");
  }

  @Test
  void copyIsIndependentAndTranslatesPlaces() {
    t.mkdir("/m");
    mountTmpfs("/m", 0);
    t.mkdir("/m/cwd");
    VfsPath cwd = t.walk("/m/cwd");
    MountNamespace.Copy copy = t.namespace.copy();
    VfsPath there = copy.translate(cwd);
    assertEquals(cwd.dentry(), there.dentry());
    assertEquals("/m/cwd", t.tree.pathOf(there, copy.namespace().root()));
    WalkContext inCopy =
        new WalkContext(
            copy.namespace(), copy.namespace().root(), there, 022, t.context().caller());
    copy.namespace().unmount(t.tree.walk(inCopy, "/m", 0), false);
    assertTrue(t.exists("/m/cwd"));
    fails(Errno.ENOENT, () -> t.tree.walk(inCopy, "/m/cwd", 0));
  }

  @Test
  void moveAndPivot() {
    t.mkdir("/a");
    t.mkdir("/b");
    mountTmpfs("/a", 0);
    t.write("/a/f", "x");
    fails(Errno.EINVAL, () -> t.namespace.move(t.walk("/"), t.walk("/b")));
    t.mkdir("/a/in");
    fails(Errno.ELOOP, () -> t.namespace.move(t.walk("/a"), t.walk("/a/in")));
    t.namespace.move(t.walk("/a"), t.walk("/b"));
    assertEquals("x", t.read("/b/f"));
    assertTrue(t.list("/a").isEmpty());
    t.mkdir("/b/old");
    t.namespace.pivotRoot(t.walk("/b"), t.walk("/b/old"));
    assertEquals("x", t.read("/f"));
    assertTrue(t.exists("/old/a"));
    t.namespace.unmount(t.walk("/old"), true);
    assertTrue(t.list("/old").isEmpty());
  }
}

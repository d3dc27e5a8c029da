package io.loomvisor.vfs;

import static io.loomvisor.vfs.testing.Tree.fails;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.vfs.testing.TestPageStore;
import io.loomvisor.vfs.testing.Tree;
import io.loomvisor.vfs.tmpfs.TmpFilesystem;
import org.junit.jupiter.api.Test;

class KernelMemoryTest {
  private final KernelMemory whole = new KernelMemory(null, 1000);

  @Test
  void whatIsTakenIsThereNoMore() {
    whole.take(600, Errno.ENOSPC);
    fails(Errno.ENFILE, () -> whole.take(401, Errno.ENFILE));
    assertTrue(whole.tryTake(400));
    assertFalse(whole.tryTake(1));
    whole.give(500);
    assertEquals(500, whole.used());
  }

  @Test
  void aPartIsBoundByTheWholeAndByItself() {
    KernelMemory part = new KernelMemory(whole, 700);
    fails(Errno.ENOSPC, () -> part.take(701, Errno.ENOSPC));
    assertEquals(0, whole.used());
    part.take(700, Errno.ENOSPC);
    assertEquals(700, whole.used());
    KernelMemory other = whole.part();
    fails(Errno.ENOSPC, () -> other.take(301, Errno.ENOSPC));
    assertEquals(0, other.used());
    other.take(300, Errno.ENOSPC);
    part.giveAll();
    assertEquals(300, whole.used());
    part.give(100); // nothing is left to give
    assertEquals(300, whole.used());
  }

  /** Everything that files, names, attributes and descriptions take is given back with them. */
  @Test
  void filesGiveBackWhatTheyTook() {
    TmpFilesystem fs = Tree.tmpfs(new TestPageStore(64));
    Tree t = Tree.on(fs, null);
    long before = fs.memory().used();
    long descriptions = KernelMemory.heap().used() - before;
    FileDescription d = t.open("/a", OpenFlags.O_RDWR | OpenFlags.O_CREAT);
    assertEquals(before + KernelMemory.INODE, fs.memory().used());
    t.link("/a", "/b");
    assertEquals(before + KernelMemory.INODE + KernelMemory.NAME, fs.memory().used());
    d.inode().setXattr("user.x", new byte[1000], 0);
    d.inode().setXattr("user.x", new byte[10], 0);
    d.inode().setXattr("user.y", new byte[100], 0);
    d.inode().removeXattr("user.y");
    assertEquals(
        before + KernelMemory.INODE + KernelMemory.NAME + "user.x".length() + 10,
        fs.memory().used());
    t.tree.unlink(t.context(), "/a");
    t.tree.unlink(t.context(), "/b");
    d.release();
    assertEquals(before, fs.memory().used());
    t.tree.symlink(t.context(), "target", "/s");
    t.mkdir("/d");
    assertEquals(before + 2 * KernelMemory.INODE + "target".length(), fs.memory().used());
    t.tree.unlink(t.context(), "/s");
    t.tree.rmdir(t.context(), "/d");
    assertEquals(before, fs.memory().used());
    assertEquals(descriptions + before, KernelMemory.heap().used());
    t.mkdir("/left");
    fs.end();
    assertEquals(0, fs.memory().used());
  }
}

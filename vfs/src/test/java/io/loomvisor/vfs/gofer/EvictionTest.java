package io.loomvisor.vfs.gofer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.DeviceRegistry;
import io.loomvisor.vfs.FileClock;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.SmallDentryCache;
import io.loomvisor.vfs.cache.Mappable;
import io.loomvisor.vfs.overlay.OverlayFilesystem;
import io.loomvisor.vfs.testing.Collected;
import io.loomvisor.vfs.testing.Tree;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is kept of files that were looked at, and what is the same as before when it is not kept.
 */
class EvictionTest {
  private static final int DIRECTORIES = 20;
  private static final int FILES = 800;
  private static final int CACHED = 32;

  @TempDir Path host;
  private GoferTree gofer;
  private Tree tree;

  @BeforeEach
  void make() throws Exception {
    for (int i = 0; i < FILES; i++) {
      Path directory = host.resolve("d" + i % DIRECTORIES);
      if (i < DIRECTORIES) {
        Files.createDirectory(directory);
      }
      Files.writeString(directory.resolve("f" + i), "file " + i);
    }
    Files.createLink(host.resolve("alias"), host.resolve("d0/f0"));
  }

  private void attach(boolean readOnly) {
    gofer = new GoferTree(host, readOnly);
    tree = gofer.tree;
    SmallDentryCache.of(gofer.filesystem, CACHED);
  }

  private void overlay() {
    gofer = new GoferTree(host, true);
    Filesystem overlay =
        new OverlayFilesystem(
            gofer.filesystem, Tree.tmpfs(gofer.store), DeviceRegistry.NONE, FileClock.SYSTEM);
    SmallDentryCache.of(overlay, CACHED);
    tree = Tree.on(overlay, gofer.store);
  }

  @AfterEach
  void close() {
    gofer.close();
  }

  private static String path(int i) {
    return "/d" + i % DIRECTORIES + "/f" + i;
  }

  /** All files but the first directory's, which is passed over. */
  private void lookAtOthers() {
    for (int i = 0; i < FILES; i++) {
      if (i % DIRECTORIES != 0) {
        tree.stat(path(i));
      }
    }
  }

  private WeakReference<Inode> inode(String path) {
    return new WeakReference<>(tree.walk(path).inode());
  }

  private void awaitEnd(WeakReference<Inode> inode) {
    lookAtOthers();
    Collected.until(() -> inode.refersTo(null), "the inode is still there");
  }

  private int known() {
    return gofer.filesystem.call(gofer.filesystem::knownInodes);
  }

  private void unusedInodesGo() {
    lookAtOthers();
    Collected.until(
        () -> {
          tree.stat(path(FILES - 1));
          for (int i = 1; i < 2 * CACHED; i++) {
            tree.stat(path(i * 10 + 1)); // what enters a new one is rid of those that are no more
          }
          return known() < FILES / 2;
        },
        "inodes that nobody uses are still known");
    assertEquals("file 0", tree.read(path(0)));
  }

  @Test
  void unusedInodesOfAHostTreeGo() {
    attach(false);
    unusedInodesGo();
  }

  @Test
  void unusedInodesOfAnOverlayGo() {
    overlay();
    unusedInodesGo();
  }

  @Test
  void attributesAreTheSameAfterwards() {
    attach(false);
    tree.tree.setAttributes(tree.context(), tree.walk(path(0)), SetAttributes.ofMode(0640));
    FileStat before = tree.stat(path(0));
    awaitEnd(inode(path(0)));
    assertEquals(before, tree.stat(path(0)));
  }

  @Test
  void whatWasWrittenIsThereAfterwards() {
    attach(false);
    WeakReference<Inode> inode = inode(path(0));
    tree.write(path(0), "longer than it was before");
    gofer.cache.reclaim(Long.MAX_VALUE);
    gofer.filesystem.openFiles().closeAll();
    awaitEnd(inode);
    assertEquals("longer than it was before", tree.read(path(0)));
    assertEquals(25, tree.stat(path(0)).size());
  }

  @Test
  void anOpenFileStaysTheSame() {
    attach(false);
    FileDescription open = tree.open(path(0), OpenFlags.O_RDWR);
    lookAtOthers();
    System.gc();
    assertSame(open.path().dentry(), tree.walk(path(0)).dentry());
    assertSame(open.inode(), tree.walk("/alias").inode());
    open.release();
  }

  @Test
  void aMappedFileStaysTheSame() {
    overlay();
    FileDescription open = tree.open(path(0), OpenFlags.O_RDONLY);
    Mappable mapped = open.mappable();
    open.release();
    lookAtOthers();
    System.gc();
    FileDescription again = tree.open(path(0), OpenFlags.O_RDONLY);
    assertSame(mapped, again.mappable());
    again.release();
  }

  /** As a watch has it: with no path. */
  @Test
  void anInodeInUseIsFoundAgainWithoutItsPath() {
    overlay();
    Inode watched = tree.walk(path(20)).inode();
    lookAtOthers();
    System.gc();
    assertSame(watched, tree.walk(path(20)).inode());
  }

  @Test
  void whatTheOverlayHasChangedStays() {
    overlay();
    tree.write(path(0), "changed");
    tree.tree.setAttributes(tree.context(), tree.walk(path(20)), SetAttributes.ofMode(0400));
    tree.tree.unlink(tree.context(), path(40));
    tree.rename(path(60), "/d0/moved");
    tree.mkdir("/d0/new");
    WeakReference<Inode> untouched = inode(path(80));
    awaitEnd(untouched);
    lookAtOthers();
    System.gc();
    assertEquals("changed", tree.read(path(0)));
    assertEquals("changed", tree.read("/alias"), "all names of a file stay one");
    assertEquals(0400, tree.stat(path(20)).mode() & 0777);
    assertEquals(false, tree.exists(path(40)));
    assertEquals(false, tree.exists(path(60)));
    assertEquals("file 60", tree.read("/d0/moved"));
    tree.tree.rmdir(tree.context(), "/d0/new");
    assertEquals("file 80", tree.read(path(80)));
  }

  @Test
  void aWorkingDirectoryStaysTheSame() {
    overlay();
    var cwd = tree.walk("/d0");
    lookAtOthers();
    System.gc();
    assertSame(cwd.dentry(), tree.walk("/d0").dentry());
    tree.write("/d0/made", "through the path");
    var there = tree.contextAt(cwd);
    assertEquals(16, tree.tree.stat(there, "made", 0).size());
    tree.tree.unlink(there, "made");
    assertEquals(false, tree.exists("/d0/made"));
  }
}

package io.loomvisor.vfs.tmpfs;

import static io.loomvisor.vfs.testing.Tree.fails;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.DeviceRegistry;
import io.loomvisor.vfs.FileClock;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.cache.Mappable;
import io.loomvisor.vfs.io.HeapBuffer;
import io.loomvisor.vfs.testing.TestPageStore;
import io.loomvisor.vfs.testing.Tree;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TmpfsDataTest {
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private final Tree t = Tree.onTmpfs();

  private FileDescription create(String path) {
    return t.open(path, OpenFlags.O_RDWR | OpenFlags.O_CREAT);
  }

  @Test
  void randomWritesAndTruncationsMatchAnArray() {
    FileDescription f = create("/f");
    Random random = new Random(7);
    byte[] model = new byte[600_000];
    int size = 0;
    for (int step = 0; step < 400; step++) {
      int offset = random.nextInt(500_000);
      int length = random.nextInt(1, 20_000);
      switch (random.nextInt(4)) {
        case 0, 1 -> {
          byte[] bytes = new byte[length];
          random.nextBytes(bytes);
          assertEquals(length, f.pwrite(HeapBuffer.wrap(bytes), offset));
          System.arraycopy(bytes, 0, model, offset, length);
          size = Math.max(size, offset + length);
        }
        case 2 -> {
          f.truncate(offset);
          if (offset < size) {
            Arrays.fill(model, offset, size, (byte) 0);
          }
          size = offset;
        }
        default -> {
          f.fallocate(3, offset, length);
          Arrays.fill(model, Math.min(offset, size), Math.min(offset + length, size), (byte) 0);
        }
      }
      assertEquals(size, f.stat().size());
      byte[] back = new byte[length];
      int n = (int) f.pread(HeapBuffer.wrap(back), offset);
      assertEquals(Math.max(0, Math.min(length, size - offset)), n);
      assertArrayEquals(Arrays.copyOfRange(model, offset, offset + n), Arrays.copyOf(back, n));
    }
    f.release();
    t.tree.unlink(t.context(), "/f");
    assertEquals(0, t.store.used());
  }

  @Test
  void positionAppendAndSeek() {
    FileDescription f = create("/f");
    assertEquals(5, Tree.write(f, "hello"));
    assertEquals(2, f.seek(-3, 1));
    assertEquals("llo", Tree.read(f, 10));
    assertEquals("", Tree.read(f, 10));
    assertEquals(7, f.seek(2, 2));
    Tree.write(f, "!");
    assertEquals("hello\0\0!", t.read("/f"));
    fails(Errno.EINVAL, () -> f.seek(-1, 0));
    fails(Errno.EINVAL, () -> f.seek(0, 9));
    FileDescription a = t.open("/f", OpenFlags.O_WRONLY | OpenFlags.O_APPEND);
    FileDescription b = t.open("/f", OpenFlags.O_WRONLY | OpenFlags.O_APPEND);
    Tree.write(a, "A");
    Tree.write(b, "B");
    Tree.write(a, "C");
    assertEquals("hello\0\0!ABC", t.read("/f"));
    assertEquals(11, a.seek(0, 1));
    fails(Errno.EFBIG, () -> f.pwrite(Tree.bytes("xx"), Long.MAX_VALUE - 1));
  }

  @Test
  void holesAreFound() {
    FileDescription f = create("/f");
    f.pwrite(Tree.bytes("x"), 3 * 4096 + 10);
    f.pwrite(Tree.bytes("y"), 900L * 4096);
    assertEquals(3 * 4096, f.seek(0, SEEK_DATA));
    assertEquals(3 * 4096 + 5, f.seek(3 * 4096 + 5, SEEK_DATA));
    assertEquals(4 * 4096, f.seek(3 * 4096, SEEK_HOLE));
    assertEquals(0, f.seek(0, SEEK_HOLE));
    assertEquals(900 * 4096, f.seek(4 * 4096, SEEK_DATA));
    assertEquals(900 * 4096 + 1, f.seek(900 * 4096, SEEK_HOLE));
    fails(Errno.ENXIO, () -> f.seek(900 * 4096 + 1, SEEK_DATA));
    assertEquals(16, f.stat().blocks());
    f.fallocate(0, 0, 8192);
    assertEquals(32, f.stat().blocks());
  }

  @Test
  void contentsLiveUntilTheLastUse() {
    FileDescription f = create("/f");
    Tree.write(f, "kept");
    t.link("/f", "/g");
    t.tree.unlink(t.context(), "/f");
    t.tree.unlink(t.context(), "/g");
    f.seek(0, 0);
    assertEquals("kept", Tree.readAll(f));
    assertEquals(0, f.stat().nlink());
    assertEquals(1, t.store.used());
    f.release();
    assertEquals(0, t.store.used());
  }

  @Test
  void mappedPagesAreTheFile() {
    FileDescription f = create("/f");
    Tree.write(f, "hello");
    Mappable m = f.mappable();
    long frame = m.frame(0, true);
    assertEquals(2, t.store.references(frame));
    t.store.segment(frame, 1).set(ValueLayout.JAVA_BYTE, 0, (byte) 'J');
    assertEquals("Jello", t.read("/f"));
    assertEquals(0, m.frame(1, false));
    List<Long> gone = new ArrayList<>();
    m.addMapping((file, first, end) -> gone.addAll(List.of(first, end)), 0, 4);
    f.truncate(0);
    assertEquals(List.of(0L, 4L), gone);
    assertEquals(1, t.store.references(frame));
    t.store.release(frame);
    assertEquals(0, t.store.used());
    f.truncate(3);
    assertEquals("\0\0\0", t.read("/f"));
  }

  @Test
  void sizeLimitGivesPartialWriteThenNoSpace() {
    TestPageStore store = new TestPageStore(64);
    TmpFilesystem fs =
        new TmpFilesystem(
            store,
            DeviceRegistry.NONE,
            FileClock.SYSTEM,
            new TmpFilesystem.Options(3, 3, 0755, 0, 0));
    Tree small = Tree.on(fs, store);
    FileDescription f = small.open("/f", OpenFlags.O_RDWR | OpenFlags.O_CREAT);
    assertEquals(3 * 4096, f.write(HeapBuffer.wrap(new byte[20_000])));
    fails(Errno.ENOSPC, () -> f.write(HeapBuffer.wrap(new byte[1])));
    fails(Errno.ENOSPC, () -> f.fallocate(0, 0, 1L << 40));
    assertEquals(0, fs.statfs().blocksFree());
    f.truncate(4096);
    assertEquals(2, fs.statfs().blocksFree());
    small.mkdir("/d");
    fails(Errno.ENOSPC, () -> small.mkdir("/e"));
    small.tree.rmdir(small.context(), "/d");
    small.mkdir("/e");
  }

  @Test
  void listingGoesOnAfterChanges() {
    for (int i = 0; i < 300; i++) {
      t.write("/f" + i, "");
    }
    FileDescription d = t.open("/", OpenFlags.O_RDONLY);
    List<String> seen = new ArrayList<>();
    while (true) {
      int before = seen.size();
      d.readDirectory((name, ino, type, next) -> seen.size() < before + 7 && seen.add(name));
      if (seen.size() == before) {
        break;
      }
      int n = seen.size();
      if (n < 200) {
        // What has been listed goes, and something new comes.
        t.tree.unlink(t.context(), "/f" + (n / 7));
        t.write("/new" + n, "");
      }
    }
    assertEquals(seen.size(), seen.stream().distinct().count());
    assertTrue(seen.containsAll(List.of(".", "..", "f299", "f100", "new7")));
  }

  @Test
  void extendedAttributes() {
    t.write("/f", "");
    var inode = t.walk("/f").inode();
    fails(Errno.ENODATA, () -> inode.getXattr("user.a"));
    inode.setXattr("user.a", new byte[] {1, 2}, 1);
    fails(Errno.EEXIST, () -> inode.setXattr("user.a", new byte[0], 1));
    fails(Errno.ENODATA, () -> inode.setXattr("user.b", new byte[0], 2));
    fails(Errno.EOPNOTSUPP, () -> inode.setXattr("system.posix_acl_access", new byte[0], 0));
    assertArrayEquals(new byte[] {1, 2}, inode.getXattr("user.a"));
    assertEquals(List.of("user.a"), inode.listXattr());
    inode.removeXattr("user.a");
    assertEquals(List.of(), inode.listXattr());
  }

  @Test
  void setGroupIdDirectoryPassesItsGroupOn() {
    t.mkdir("/d");
    t.tree.setAttributes(t.context(), t.walk("/d"), SetAttributes.ofOwner(null, 77));
    t.tree.setAttributes(t.context(), t.walk("/d"), SetAttributes.ofMode(02777));
    Tree user = t.as(Credentials.of(1000, 1000));
    user.write("/d/f", "");
    user.mkdir("/d/sub");
    assertEquals(77, t.stat("/d/f").gid());
    assertEquals(042755, t.stat("/d/sub").mode());
    assertEquals(77, t.stat("/d/sub").gid());
  }

  @Test
  void memfdSeals() {
    TmpFilesystem fs = Tree.tmpfs(t.store);
    FileDescription f = fs.createMemfd("m", 0777, 0, 0, 0, OpenFlags.O_RDWR);
    Sealable s = (Sealable) f;
    Tree.write(f, "abc");
    s.addSeals(Sealable.F_SEAL_GROW | Sealable.F_SEAL_SHRINK);
    fails(Errno.EPERM, () -> f.truncate(2));
    fails(Errno.EPERM, () -> f.truncate(4));
    fails(Errno.EPERM, () -> Tree.write(f, "d"));
    f.pwrite(Tree.bytes("X"), 0);
    s.addSeals(Sealable.F_SEAL_WRITE | Sealable.F_SEAL_SEAL);
    fails(Errno.EPERM, () -> f.pwrite(Tree.bytes("Y"), 0));
    fails(Errno.EPERM, () -> s.addSeals(Sealable.F_SEAL_EXEC));
    assertEquals(15, s.seals());
    assertEquals("/memfd:m (deleted)", f.displayName());
    FileDescription again = t.tree.openAt(t.context(), f.place(), OpenFlags.O_RDONLY);
    assertEquals("Xbc", Tree.readAll(again));
    again.release();
    f.release();
    assertEquals(0, t.store.used());
  }
}

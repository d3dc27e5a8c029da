package io.loomvisor.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.vfs.testing.Collected;
import io.loomvisor.vfs.testing.TestPageStore;
import io.loomvisor.vfs.testing.Tree;
import io.loomvisor.vfs.tmpfs.TmpFilesystem;
import java.lang.ref.WeakReference;
import org.junit.jupiter.api.Test;

class DentryCacheTest {
  private static final int LIMIT = 8;

  private final TmpFilesystem fs = Tree.tmpfs(new TestPageStore(16));
  private final DentryCache cache = new DentryCache(LIMIT);
  private final Dentry root = new Dentry(null, "", fs.root());
  private final DentryChildren names = root.keepNamesBelow(cache);

  private Dentry find(String name) {
    return names.cache(root, name, fs.root(), names.changes());
  }

  private void miss(String name) {
    names.cache(root, name, null, names.changes());
  }

  private void fill(String prefix) {
    for (int i = 0; i < 2 * LIMIT; i++) {
      find(prefix + i);
    }
  }

  @Test
  void unusedNamesGoWithTheirDentries() {
    WeakReference<Dentry> first = new WeakReference<>(find("first"));
    for (int i = 0; i < 100; i++) {
      find("n" + i);
    }
    assertEquals(LIMIT, cache.size());
    Collected.until(() -> first.refersTo(null), "the first dentry is still there");
    Collected.until(
        () -> {
          find("another"); // sweeps
          return names.size() <= LIMIT + 1;
        },
        "entries of dentries that are no more");
    assertNull(names.get("first"));
  }

  @Test
  void whoHoldsADentryFindsTheSame() {
    Dentry held = find("held");
    fill("n");
    assertFalse(held.cached());
    System.gc();
    assertSame(held, names.get("held"));
    assertTrue(held.cached(), "a name that was found again is cached again");
    fill("m");
    assertFalse(held.cached());
    assertSame(held, find("held"), "what the file system says anew changes nothing");
    fill("o");
    assertSame(held, names.take("held"));
    assertNull(names.get("held"));
    assertNotSame(held, find("held"));
  }

  @Test
  void aMovedNameFadesWhereItIs() {
    Dentry moved = find("old");
    root.move("old", root, "new", root.changes());
    fill("n");
    assertFalse(moved.cached());
    assertNull(root.child("old"));
    assertSame(moved, root.child("new"));
    assertEquals("new", moved.name());
  }

  @Test
  void usedNamesStayLonger() {
    Dentry used = find("used");
    for (int i = 0; i < 100; i++) {
      find("n" + i);
      assertTrue(used.cached());
      assertSame(used, root.child("used"));
    }
  }

  @Test
  void absentNamesAreBoundedToo() {
    for (int i = 0; i < 1000; i++) {
      miss("absent" + i);
    }
    assertEquals(LIMIT, cache.size());
    assertEquals(LIMIT, names.size());
    assertNotNull(names.get("absent999"));
    assertTrue(names.get("absent999").isAbsent());
    assertNull(names.get("absent0"));
  }
}

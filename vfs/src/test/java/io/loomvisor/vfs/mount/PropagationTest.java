package io.loomvisor.vfs.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.testing.Tree;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the differential programs cannot see; the rest is mount/propagation.c. */
class PropagationTest {
  private final Tree t = Tree.onTmpfs();

  private Mount mountTmpfs(String at) {
    return t.namespace.mount(Tree.tmpfs(t.store), "tmpfs", t.walk(at), 0);
  }

  @Test
  void aTreeThatNobodySeesGetsNothing() {
    t.mkdir("/m");
    mountTmpfs("/m");
    t.mkdir("/m/x");
    t.namespace.setPropagation(t.walk("/m"), Mount.MS_SHARED, false);
    MountNamespace.Copy copy = t.namespace.copy();
    copy.namespace().retain();
    Mount original = t.walk("/m").mount();
    assertEquals(2, original.peers().members().size());
    VfsPath there = copy.translate(t.walk("/m/x"));
    Mount first = mountTmpfs("/m/x");
    assertNotNull(copy.namespace().mountAt(there.mount(), there.dentry()));
    assertEquals(3, copy.namespace().mounts().size());
    t.namespace.unmount(t.walk("/m/x"), false);
    assertEquals(2, copy.namespace().mounts().size());
    assertEquals(0, first.filesystem().countMount(0));
    copy.namespace().release();
    assertEquals(List.of(original), original.peers().members());
    mountTmpfs("/m/x");
    assertEquals(List.of(), copy.namespace().mounts());
  }

  @Test
  void groupNumbersAreUsedAgain() {
    t.mkdir("/m");
    mountTmpfs("/m");
    t.namespace.setPropagation(t.walk("/m"), Mount.MS_SHARED, false);
    assertEquals(" shared:1", t.walk("/m").mount().propagation(List.of()));
    t.namespace.setPropagation(t.walk("/m"), Mount.MS_PRIVATE, false);
    assertNull(t.walk("/m").mount().peers());
    t.namespace.setPropagation(t.walk("/"), Mount.MS_SHARED, true);
    assertEquals(" shared:1", t.namespace.rootMount().propagation(List.of()));
    assertEquals(" shared:2", t.walk("/m").mount().propagation(List.of()));
  }

  @Test
  void theMasterIsNamedAndTheNearestOneThatIsSeen() {
    for (String d : List.of("/a", "/b", "/c")) {
      t.mkdir(d);
    }
    Mount a = mountTmpfs("/a");
    t.namespace.setPropagation(t.walk("/a"), Mount.MS_SHARED, false);
    Mount b = slave("/a", "/b");
    t.namespace.setPropagation(t.walk("/b"), Mount.MS_SHARED, false);
    Mount c = slave("/b", "/c");
    assertEquals(" shared:2 master:1", b.propagation(List.of(a, b, c)));
    assertEquals(" master:2", c.propagation(List.of(a, b, c)));
    assertEquals(" master:2 propagate_from:1", c.propagation(List.of(a, c)));
  }

  private Mount slave(String of, String at) {
    Mount made = t.namespace.bind(t.walk(of), t.walk(at), false);
    t.namespace.setPropagation(t.walk(at), Mount.MS_SLAVE, false);
    return made;
  }
}

package io.loomvisor.runtime.lock;

import io.loomvisor.runtime.host.Confinement;
import io.loomvisor.runtime.host.MountCalls;
import io.loomvisor.runtime.seccomp.FilterProgram;
import io.loomvisor.runtime.seccomp.GoferForbidden;
import io.loomvisor.runtime.seccomp.Verdict;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Locks the gofer in: a root directory with the trees that it serves and nothing else. */
public final class GoferLock {
  private static final Logger LOG = LoggerFactory.getLogger(GoferLock.class);

  /**
   * A directory to serve.
   *
   * @param readOnly mounted so: the host's kernel refuses changes, whatever the gofer is told
   */
  public record Tree(String path, boolean readOnly) {}

  private GoferLock() {}

  /**
   * Moves this process into a root of its own with a copy of each tree, which must be in a mount
   * namespace of its own.
   *
   * @return where the trees are now, in their order
   */
  public static List<String> engage(List<Tree> trees) throws IOException {
    Preload.openArchives();
    List<String> places = new ArrayList<>();
    if (!OwnMounts.changeable()) {
      LOG.warn("No rights to change its mounts: the gofer keeps the host's root directory.");
      trees.forEach(t -> places.add(t.path()));
      forbid();
      return places;
    }
    List<Integer> copies = new ArrayList<>();
    for (Tree tree : trees) {
      copies.add(MountCalls.cloneTree(tree.path(), tree.readOnly()));
    }
    OwnMounts.begin("size=64k,mode=555");
    for (int i = 0; i < trees.size(); i++) {
      String place = "/" + i;
      MountCalls.makeDirectory(OwnMounts.PLACE + place);
      MountCalls.attach(copies.get(i), OwnMounts.PLACE + place);
      places.add(place);
    }
    OwnMounts.enter();
    forbid();
    return places;
  }

  /** What has nothing to do with files is not for the gofer. */
  private static void forbid() throws IOException {
    Confinement.forbidPrivileges();
    Confinement.install(FilterProgram.of(GoferForbidden.rules(), Verdict.ALLOW));
  }
}

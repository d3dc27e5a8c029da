package io.loomvisor.runtime.lock;

import io.loomvisor.runtime.host.Confinement;
import io.loomvisor.runtime.host.MountCalls;
import io.loomvisor.runtime.seccomp.BpfInstruction;
import io.loomvisor.runtime.seccomp.FilterProgram;
import io.loomvisor.runtime.seccomp.GoferForbidden;
import io.loomvisor.runtime.seccomp.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Locks the gofer in: a root directory with the trees that it serves and nothing else. */
public final class GoferLock {
  private static final Logger LOG = LoggerFactory.getLogger(GoferLock.class);

  /**
   * A directory to serve, or a file, which is served as {@link #FILE} in a directory of its own.
   *
   * @param readOnly mounted so: the host's kernel refuses changes, whatever the gofer is told
   */
  public record Tree(String path, boolean readOnly) {
    private static final String READ_ONLY = "ro:";
    private static final String WRITABLE = "rw:";

    /** Whether {@link #parse} takes {@code text}. */
    public static boolean valid(String text) {
      return text.startsWith(READ_ONLY) || text.startsWith(WRITABLE);
    }

    /** The reverse of {@link #text}. */
    public static Tree parse(String text) {
      if (!valid(text)) {
        throw new IllegalArgumentException("neither ro:PATH nor rw:PATH: " + text);
      }
      return new Tree(text.substring(READ_ONLY.length()), text.startsWith(READ_ONLY));
    }

    /** As an argument of {@code loomvisor gofer}. */
    public String text() {
      return (readOnly ? READ_ONLY : WRITABLE) + path;
    }

    /** Whether it is one on the host, now. */
    public boolean directory() {
      return Files.isDirectory(Path.of(path));
    }
  }

  /** The name of a tree that is a file, in a directory that has nothing else. */
  public static final String FILE = "file";

  private GoferLock() {}

  /** What {@link #engage} needs and can be done before it is known what to serve. */
  public static void prepare() {
    Archives.openForGofer();
    FilterProgram.of(GoferForbidden.rules(), Verdict.ALLOW);
  }

  /**
   * Moves this process into a root of its own with a copy of each tree, which must be in a mount
   * namespace of its own.
   *
   * @param forever for good, with a filter of system calls: not so in the training for the AOT
   *     cache
   * @return where the trees are now, in their order
   */
  public static List<String> engage(List<Tree> trees, boolean forever) throws IOException {
    Archives.openForGofer();
    // Made while archives can be opened: its rules come from one that the gofer's root has not.
    List<BpfInstruction> filter = FilterProgram.of(GoferForbidden.rules(), Verdict.ALLOW);
    List<String> places = new ArrayList<>();
    if (!OwnMounts.changeable()) {
      LOG.warn("No rights to change its mounts: the gofer keeps the host's root directory.");
      for (Tree tree : trees) {
        if (!tree.directory()) {
          throw new IOException("cannot serve the single file " + tree.path() + " without rights");
        }
        places.add(tree.path());
      }
      forbid(filter, forever);
      return places;
    }
    List<Integer> copies = new ArrayList<>();
    List<Boolean> directories = trees.stream().map(Tree::directory).toList();
    for (Tree tree : trees) {
      copies.add(MountCalls.cloneTree(tree.path(), tree.readOnly()));
    }
    OwnMounts.begin("size=64k,mode=555");
    for (int i = 0; i < trees.size(); i++) {
      String place = "/" + i;
      MountCalls.makeDirectory(OwnMounts.PLACE + place);
      String target = OwnMounts.PLACE + place;
      if (!directories.get(i)) {
        target += "/" + FILE;
        Files.createFile(Path.of(target));
      }
      MountCalls.attach(copies.get(i), target);
      places.add(place);
    }
    OwnMounts.enter();
    forbid(filter, forever);
    return places;
  }

  /** What has nothing to do with files is not for the gofer. */
  private static void forbid(List<BpfInstruction> filter, boolean forever) throws IOException {
    if (forever) {
      Confinement.forbidPrivileges();
      Confinement.install(filter);
    }
  }
}

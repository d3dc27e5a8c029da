package io.loomvisor.vfs.mount;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.NamesAhead;
import java.util.ArrayList;
import java.util.List;

/**
 * How one walk finds the names of directories: in the dentry cache, among what a file system has
 * found ahead, or by asking it.
 */
final class ChildLookup {
  private static final int MAX_LOOKUPS = 16;

  /** Names told of to a file system at once. */
  private static final int MAX_EXPECTED = 16;

  /** Whose names {@link #ahead} goes on with; null: nothing is ahead. */
  private Inode aheadOf;

  private NamesAhead ahead = NamesAhead.UNKNOWN;

  /** Names of {@link #ahead} that have been passed. */
  private int passed;

  /**
   * Tells the file system of {@code name}, which is about to be looked up in {@code directory}, and
   * of the plain names that follow it in {@code path} from {@code position} on.
   */
  void expect(Dentry directory, String name, String path, int position) {
    Inode inode = directory.inode();
    switch (inode.nameCaching()) {
      case KEPT -> {
        boolean asks = directory.child(name) == null && !directory.knownAbsent(name);
        if (asks && PathWalk.skipSlashes(path, position) < path.length()) {
          inode.expect(names(name, path, position));
        }
      }
      case CHECKED -> {
        if (aheadOf != inode) {
          ahead = inode.expect(names(name, path, position));
          aheadOf = inode;
          passed = 0;
        }
      }
      case NONE -> {}
    }
  }

  private static List<String> names(String first, String path, int position) {
    List<String> names = new ArrayList<>();
    names.add(first);
    int from = PathWalk.skipSlashes(path, position);
    while (from < path.length() && names.size() < MAX_EXPECTED) {
      int slash = path.indexOf('/', from);
      int end = slash < 0 ? path.length() : slash;
      String name = path.substring(from, end);
      if (name.equals(".") || name.equals("..") || name.length() > PathWalk.NAME_MAX) {
        break;
      }
      names.add(name);
      from = PathWalk.skipSlashes(path, end);
    }
    return names;
  }

  /** The child by the dentry cache or the file system; null if there is none. */
  Dentry child(Dentry directory, String name) {
    return switch (directory.inode().nameCaching()) {
      case KEPT -> kept(directory, name);
      case CHECKED -> checked(directory, name);
      case NONE -> uncached(directory, name);
    };
  }

  private static Dentry uncached(Dentry directory, String name) {
    Dentry cached = directory.child(name);
    if (cached != null && cached.isMountPoint()) {
      return cached;
    }
    Inode found = directory.inode().lookup(name);
    return found == null ? null : new Dentry(directory, name, found);
  }

  private static Dentry kept(Dentry directory, String name) {
    Dentry cached = directory.child(name);
    if (cached != null) {
      return cached;
    }
    if (directory.knownAbsent(name)) {
      return null;
    }
    for (int tries = 0; ; tries++) {
      int seen = directory.changes();
      Inode found = directory.inode().lookup(name);
      try {
        return directory.cache(name, found, seen);
      } catch (Dentry.ChangedException e) {
        // Somebody created, removed or renamed here meanwhile: what we found may be gone. Files may
        // have two dentries, so in a directory that changes all the time an answer is taken
        // uncached in the end.
        if (tries >= MAX_LOOKUPS && (found == null || !FileMode.isDirectory(found.mode()))) {
          return found == null ? null : new Dentry(directory, name, found);
        }
      }
    }
  }

  /** A mount point stays one whatever the name leads to by now. */
  private Dentry checked(Dentry directory, String name) {
    Dentry cached = directory.child(name);
    if (cached != null && cached.isMountPoint()) {
      aheadOf = null;
      return cached;
    }
    Inode inode = directory.inode();
    if (aheadOf == inode) {
      aheadOf = null;
      Dentry found = fromAhead(directory, name, cached);
      if (found != null) {
        return found;
      }
      if (cached == null && ahead.thenAbsent() && passed == ahead.found().size()) {
        return null;
      }
    }
    for (int tries = 0; ; tries++) {
      int seen = directory.changes();
      Inode found = inode.lookup(name);
      try {
        return directory.check(name, found, seen);
      } catch (Dentry.ChangedException e) {
        if (tries >= MAX_LOOKUPS) {
          return found == null ? null : new Dentry(directory, name, found);
        }
      }
    }
  }

  /**
   * The dentry for the next name found ahead, unless the cache has another for it: which of them is
   * right now must be asked.
   */
  private Dentry fromAhead(Dentry directory, String name, Dentry cached) {
    if (passed == ahead.found().size()) {
      return null;
    }
    Inode found = ahead.found().get(passed);
    if (cached != null && cached.inode() != found) {
      return null;
    }
    passed++;
    aheadOf = found;
    try {
      return cached != null ? cached : directory.check(name, found, directory.changes());
    } catch (Dentry.ChangedException e) {
      aheadOf = null;
      return null;
    }
  }
}

package io.loomvisor.vfs.mount;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;

/**
 * One walk along a path (path_resolution(7), openat2(2)). Used by one thread, once: either {@link
 * #toEnd} or {@link #toParent} and then, for open(2) with O_CREAT, {@link #lookupLast} and {@link
 * #followLast} in turns.
 */
final class PathWalk {
  /** Symbolic links followed at most; Linux: MAXSYMLINKS. */
  static final int MAX_LINKS = 40;

  /** Longest component in bytes; Linux: NAME_MAX. */
  static final int NAME_MAX = 255;

  /** Longest target of a symbolic link that is walked. */
  static final int PATH_MAX = 4096;

  /** What the last component is, if the walk stopped before it. */
  enum Last {
    /** A plain name: {@link #lastName}. */
    NAME,
    /** "." or "..", or no component at all ("/"). */
    DOT,
    DOT_DOT,
    ROOT
  }

  private final Caller caller;
  private final Credentials who;
  private final MountNamespace namespace;
  private final VfsPath root;
  private final VfsPath start;
  private final int flags;

  private Mount mount;
  private Dentry dentry;

  /** What is left to walk is {@code rest} from {@code position} on. */
  private String rest;

  private int position;
  private int linksLeft = MAX_LINKS;
  private Last last = Last.ROOT;
  private String lastName;
  private boolean trailingSlash;
  private final ChildLookup lookup = new ChildLookup();

  /** The dentry was found by a lookup, the last step: its attributes are fresh. */
  private boolean lookedUp;

  PathWalk(WalkContext context, String path, int flags) {
    caller = context.caller();
    who = caller.credentials();
    namespace = context.namespace();
    start = context.start();
    root = (flags & FileTree.IN_ROOT) != 0 ? start : context.root();
    this.flags = flags;
    rest = path;
    if (path.isEmpty() && (flags & FileTree.EMPTY_PATH) == 0) {
      throw Errno.ENOENT.exception();
    }
    at(start);
    if (path.startsWith("/")) {
      toRoot();
    }
  }

  /** Walks the whole path. */
  VfsPath toEnd() {
    while (nextComponent()) {
      boolean isLast = lastComponent();
      boolean follow = !isLast || trailingSlash || (flags & FileTree.FOLLOW) != 0;
      enterComponent(follow);
    }
    refresh();
    if (trailingSlash && !FileMode.isDirectory(dentry.inode().mode())) {
      throw Errno.ENOTDIR.exception();
    }
    return here();
  }

  /**
   * Walks all but the last component, whose name is in {@link #lastName} then; returns the
   * directory.
   */
  VfsPath toParent() {
    while (nextComponent()) {
      if (lastComponent()) {
        last = lastName.equals(".") ? Last.DOT : lastName.equals("..") ? Last.DOT_DOT : Last.NAME;
        if (last == Last.NAME && lastName.length() <= NAME_MAX) {
          lookup.expect(dentry, lastName, rest, position);
        } else {
          refresh();
        }
        checkDirectory();
        if (last == Last.NAME && lastName.length() > NAME_MAX) {
          throw Errno.ENAMETOOLONG.exception();
        }
        return here();
      }
      enterComponent(true);
    }
    last = Last.ROOT;
    refresh();
    return here();
  }

  private void refresh() {
    if (!lookedUp) {
      dentry.inode().refresh();
    }
  }

  Last last() {
    return last;
  }

  String lastName() {
    return lastName;
  }

  /** The last component is followed by a slash: it must be a directory. */
  boolean trailingSlash() {
    return trailingSlash;
  }

  /**
   * The file called {@link #lastName} in the directory where {@link #toParent} has stopped; null if
   * there is none.
   */
  VfsPath lookupLast() {
    Dentry child = lookup.child(dentry, lastName);
    if (child == null) {
      return null;
    }
    VfsPath found = namespace.cross(new VfsPath(mount, child));
    if (child.isMountPoint()) {
      found.inode().refresh();
    }
    checkCrossing(found.mount());
    return found;
  }

  /**
   * Follows the link that {@link #lookupLast} found. Returns null when the walk is to go on with
   * {@link #toParent}, or the end of it if the link led straight to a file.
   */
  VfsPath followLast(VfsPath link) {
    return follow(link) ? here() : null;
  }

  /**
   * Moves to the next component: {@link #lastName} and the position after it; false at the end of
   * the path.
   */
  private boolean nextComponent() {
    int from = skipSlashes(position);
    if (from == rest.length()) {
      return false;
    }
    int end = rest.indexOf('/', from);
    if (end < 0) {
      end = rest.length();
    }
    lastName = rest.substring(from, end);
    position = end;
    return true;
  }

  /** Whether nothing but slashes follows the present component; notes whether there is one. */
  private boolean lastComponent() {
    boolean isLast = skipSlashes(position) == rest.length();
    trailingSlash = isLast && position < rest.length();
    return isLast;
  }

  private int skipSlashes(int from) {
    return skipSlashes(rest, from);
  }

  static int skipSlashes(String path, int from) {
    int i = from;
    while (i < path.length() && path.charAt(i) == '/') {
      i++;
    }
    return i;
  }

  private void enterComponent(boolean follow) {
    String name = lastName;
    boolean dots = name.equals(".") || name.equals("..");
    if (!dots && name.length() <= NAME_MAX) {
      lookup.expect(dentry, name, rest, position);
    } else {
      refresh();
    }
    checkDirectory();
    if (dots) {
      if (name.length() == 2) {
        up();
        lookedUp = false;
      }
      return;
    }
    if (name.length() > NAME_MAX) {
      throw Errno.ENAMETOOLONG.exception();
    }
    Dentry child = lookup.child(dentry, name);
    if (child == null) {
      throw Errno.ENOENT.exception();
    }
    if (child.isMountPoint()) {
      VfsPath crossed = namespace.cross(new VfsPath(mount, child));
      checkCrossing(crossed.mount());
      at(crossed);
      return;
    }
    if (follow && FileMode.isSymlink(child.inode().mode())) {
      follow(new VfsPath(mount, child));
      return;
    }
    dentry = child;
    lookedUp = true;
  }

  /** The directory walked to must be one and allow searching. */
  private void checkDirectory() {
    Inode inode = dentry.inode();
    if (!FileMode.isDirectory(inode.mode())) {
      throw Errno.ENOTDIR.exception();
    }
    Permissions.check(inode, who, Permissions.EXECUTE);
  }

  /**
   * Puts the link's target before what is left to walk; true if it led straight to a place (magic
   * link).
   */
  private boolean follow(VfsPath link) {
    if ((flags & FileTree.NO_SYMLINKS) != 0 || linksLeft-- == 0) {
      throw Errno.ELOOP.exception();
    }
    Inode inode = link.inode();
    VfsPath jump = inode.jump(caller);
    if (jump != null) {
      jumpTo(jump);
      return true;
    }
    String target = inode.readlink(caller);
    if (target.isEmpty()) {
      throw Errno.ENOENT.exception();
    }
    if (target.length() >= PATH_MAX) {
      throw Errno.ENAMETOOLONG.exception();
    }
    rest = target + rest.substring(position);
    position = 0;
    if (target.startsWith("/")) {
      toRoot();
    }
    return false;
  }

  private void jumpTo(VfsPath place) {
    if ((flags & FileTree.NO_MAGICLINKS) != 0) {
      throw Errno.ELOOP.exception();
    }
    if ((flags & (FileTree.BENEATH | FileTree.IN_ROOT)) != 0) {
      throw Errno.EXDEV.exception();
    }
    checkCrossing(place.mount());
    at(place);
  }

  private void toRoot() {
    if ((flags & FileTree.BENEATH) != 0) {
      throw Errno.EXDEV.exception();
    }
    checkCrossing(root.mount());
    at(root);
  }

  /**
   * "..": stops at the root, leaves mounts by their mount points, enters what is mounted over the
   * parent.
   */
  private void up() {
    for (; ; ) {
      if (mount == root.mount() && dentry == root.dentry()) {
        break;
      }
      if ((flags & FileTree.BENEATH) != 0 && mount == start.mount() && dentry == start.dentry()) {
        throw Errno.EXDEV.exception();
      }
      if (dentry != mount.root()) {
        Dentry parent = dentry.parent();
        if (parent != null) {
          dentry = parent;
        }
        break;
      }
      VfsPath below = mount.mountPoint();
      if (below == null) {
        break;
      }
      checkCrossing(below.mount());
      at(below);
    }
    at(namespace.cross(here()));
  }

  private void checkCrossing(Mount to) {
    if ((flags & FileTree.NO_XDEV) != 0 && to != mount) {
      throw Errno.EXDEV.exception();
    }
  }

  private void at(VfsPath place) {
    mount = place.mount();
    dentry = place.dentry();
    lookedUp = false;
  }

  private VfsPath here() {
    return mount == start.mount() && dentry == start.dentry() ? start : new VfsPath(mount, dentry);
  }
}

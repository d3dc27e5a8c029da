package io.loomvisor.vfs.synthetic;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.DirectorySink;
import io.loomvisor.vfs.Inode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A directory whose entries are entered while the file system is built, before it is mounted, and
 * never change.
 */
public final class StaticDirectory extends SyntheticDirectory {
  private final Map<String, SyntheticInode> children = new LinkedHashMap<>();
  private int subdirectories;

  public StaticDirectory(SyntheticFilesystem filesystem) {
    this(filesystem, 0555);
  }

  public StaticDirectory(SyntheticFilesystem filesystem, int permissions) {
    super(filesystem, filesystem.newInodeNumber(), permissions);
  }

  /** Enters {@code child}; only while the tree is built. Returns this directory. */
  public StaticDirectory add(String name, SyntheticInode child) {
    if (children.put(name, child) == null && FileMode.isDirectory(child.mode())) {
      subdirectories++;
    }
    return this;
  }

  /** The subdirectory {@code name}, made if it is not there; only while the tree is built. */
  public StaticDirectory directory(String name) {
    if (children.get(name) instanceof StaticDirectory there) {
      return there;
    }
    StaticDirectory made = new StaticDirectory((SyntheticFilesystem) filesystem());
    add(name, made);
    return made;
  }

  /** A read-only file with fixed or computed text. Returns this directory. */
  public StaticDirectory text(String name, java.util.function.Supplier<String> contents) {
    return add(name, new TextFile((SyntheticFilesystem) filesystem(), 0444, contents));
  }

  /** A symbolic link with fixed text. Returns this directory. */
  public StaticDirectory link(String name, String target) {
    return add(name, new SyntheticSymlink((SyntheticFilesystem) filesystem(), caller -> target));
  }

  @Override
  public Inode lookup(String name) {
    return children.get(name);
  }

  @Override
  protected long links() {
    return 2L + subdirectories;
  }

  /** How many positions the entries take from {@link #FIRST_POSITION} on. */
  public int count() {
    return children.size();
  }

  @Override
  public void list(long position, DirectorySink sink) {
    long at = FIRST_POSITION;
    for (Map.Entry<String, SyntheticInode> child : children.entrySet()) {
      SyntheticInode inode = child.getValue();
      if (at >= position
          && !sink.entry(child.getKey(), inode.ino(), FileMode.direntType(inode.mode()), at + 1)) {
        return;
      }
      at++;
    }
  }
}

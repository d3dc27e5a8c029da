package io.loomvisor.vfs;

import java.util.concurrent.ConcurrentHashMap;

/**
 * A name in a directory and the inode it leads to (Linux: struct dentry). The walk reads the tree from any thread; the
 * VFS changes it together with the file system: a dentry is entered, moved or dropped right after the inode operation it
 * mirrors. A dropped dentry stays valid for those who hold it.
 */
public final class Dentry {
  private volatile Dentry parent;
  private volatile String name;
  private volatile boolean deleted;
  private final Inode inode;
  private final ConcurrentHashMap<String, Dentry> children = new ConcurrentHashMap<>();

  /** The root of a file system ({@code parent} null, name empty) or a child. */
  public Dentry(Dentry parent, String name, Inode inode) {
    this.parent = parent;
    this.name = name;
    this.inode = inode;
  }

  public Inode inode() {
    return inode;
  }

  /** The parent; null for the root of a file system. */
  public Dentry parent() {
    return parent;
  }

  public String name() {
    return name;
  }

  /** It was unlinked: "/proc/self/fd" shows " (deleted)". */
  public boolean deleted() {
    return deleted;
  }

  /** The cached child or null. */
  public Dentry child(String childName) {
    return children.get(childName);
  }

  /** Caches {@code child} under its name unless there is one already; returns the one that is there. */
  public Dentry enter(Dentry child) {
    Dentry there = children.putIfAbsent(child.name, child);
    return there == null ? child : there;
  }

  /** Forgets the child because it was unlinked or replaced. */
  public void drop(String childName) {
    Dentry gone = children.remove(childName);
    if (gone != null) {
      gone.deleted = true;
    }
  }

  /** Moves the cached child to its new place after a rename; what was cached there is dropped. */
  public void move(String childName, Dentry newParent, String newName) {
    Dentry moved = children.remove(childName);
    newParent.drop(newName);
    if (moved != null) {
      moved.parent = newParent;
      moved.name = newName;
      newParent.children.put(newName, moved);
    }
  }
}

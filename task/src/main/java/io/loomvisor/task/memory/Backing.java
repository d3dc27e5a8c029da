package io.loomvisor.task.memory;

import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.cache.CountsMappings;
import io.loomvisor.vfs.cache.Mappable;
import io.loomvisor.vfs.tmpfs.Sealable;

/**
 * What the pages of some VMAs of one address space come from: a file, shared anonymous memory, or
 * frames of the kernel. Counts its VMAs; belongs to the memory manager's actor, but for {@link
 * #release}.
 */
public final class Backing {
  private final Mappable mappable;
  private final FileDescription description;
  private final SharedMemory memory;
  private final String label;

  /** VMAs that use it now. */
  private int uses;

  private boolean everUsed;

  /** Of {@link #uses}, what {@link #counter} has been told. */
  private int counted;

  /** Told how many VMAs there are; null for most. */
  private final CountsMappings counter;

  /** Pages registered with the mappable: [first, end), empty before registration. */
  private long firstPage;

  private long endPage;

  /** Told of this mapping, as it may be written and is shared; else null. */
  private final Sealable sealable;

  private Backing(
      Mappable mappable,
      FileDescription description,
      SharedMemory memory,
      String label,
      Sealable sealable) {
    this.mappable = mappable;
    this.description = description;
    this.memory = memory;
    this.label = label;
    this.sealable = sealable;
    this.counter = description instanceof CountsMappings c ? c : null;
  }

  /**
   * A file; takes over one reference to {@code description}, also if it fails: EPERM if it is
   * sealed against writing.
   *
   * @param written shared and possibly written
   */
  static Backing ofFile(FileDescription description, Mappable mappable, boolean written) {
    Sealable sealable = written && description instanceof Sealable s ? s : null;
    if (sealable != null) {
      try {
        sealable.countWritableMapping(1);
      } catch (LinuxException e) {
        description.release();
        throw e;
      }
    }
    return new Backing(mappable, description, null, "", sealable);
  }

  /** Memory shared with children of fork; takes over one user of {@code memory}. */
  static Backing ofSharedMemory(SharedMemory memory) {
    return new Backing(memory, null, memory, "/dev/zero (deleted)", null);
  }

  /** Frames that live as long as the sandbox. */
  static Backing ofKernel(Mappable frames, String label) {
    return new Backing(frames, null, null, label, null);
  }

  public Mappable mappable() {
    return mappable;
  }

  /** Null for memory without a name in the file tree. */
  public VfsPath path() {
    return description == null ? null : description.path();
  }

  public FileDescription description() {
    return description;
  }

  /** What /proc/PID/maps shows when {@link #path} is null. */
  public String label() {
    return description == null ? label : description.displayName();
  }

  /** Whether its pages count as shared memory (RssShmem) and not as file pages. */
  boolean isSharedMemory() {
    return memory != null;
  }

  /** Counts VMAs: {@link VmaList} only. */
  void addUses(int change) {
    uses += change;
    everUsed = true;
  }

  /** Whether {@link #reportUses} has somebody to tell. */
  boolean countsUses() {
    return counter != null;
  }

  /** Tells the description what has changed since the last time. */
  void reportUses() {
    int change = uses - counted;
    if (change != 0) {
      counted = uses;
      counter.mapped(change);
    }
  }

  boolean unused() {
    return uses == 0;
  }

  /**
   * Whether any VMA has ever used it; then the memory manager releases it, otherwise its maker
   * does.
   */
  boolean everUsed() {
    return everUsed;
  }

  /** The same backing for another address space. */
  Backing forFork() {
    if (description != null && !description.tryRetain()) {
      throw new IllegalStateException("mapped description has no reference");
    }
    if (memory != null) {
      memory.addUser();
    }
    if (sealable != null) {
      sealable.countWritableMapping(1);
    }
    return new Backing(mappable, description, memory, label, sealable);
  }

  /** Has {@code listener} hear of pages up to {@code end} that go away. */
  void register(Mappable.MappingListener listener, long first, long end) {
    if (firstPage < endPage) {
      if (first >= firstPage && end <= endPage) {
        return;
      }
      mappable.removeMapping(listener, firstPage, endPage);
      firstPage = Math.min(first, firstPage);
      endPage = Math.max(end, endPage);
    } else {
      firstPage = first;
      endPage = end;
    }
    mappable.addMapping(listener, firstPage, endPage);
  }

  /** As {@link #register} for the range that {@code other} has registered. */
  void registerAs(Backing other, Mappable.MappingListener listener) {
    if (other.firstPage < other.endPage) {
      register(listener, other.firstPage, other.endPage);
    }
  }

  void unregister(Mappable.MappingListener listener) {
    if (firstPage < endPage) {
      mappable.removeMapping(listener, firstPage, endPage);
      endPage = firstPage;
    }
  }

  /**
   * Gives back the description or the memory. After the flush that took the pages away, and with no
   * actor held.
   */
  void release() {
    if (sealable != null) {
      sealable.countWritableMapping(-1);
    }
    if (description != null) {
      description.release();
    }
    if (memory != null) {
      memory.removeUser();
    }
  }
}

package io.loomvisor.task.memory;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.Platform;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.cache.Mappable;
import io.loomvisor.vfs.mount.Mount;
import io.loomvisor.vfs.tmpfs.Sealable;

/**
 * The arguments of mmap(2) after the checks that need no address space, in Linux's order (do_mmap).
 *
 * @param file null for anonymous memory
 * @param mappable what {@code file} maps
 * @param size bytes, page-aligned
 * @param vmaFlags what sort of mapping it is and what mprotect(2) may grant
 */
record MappingRequest(
    FileDescription file, Mappable mappable, boolean shared, long size, int vmaFlags) {
  private static final int SEALED_AGAINST_WRITING =
      Sealable.F_SEAL_WRITE | Sealable.F_SEAL_FUTURE_WRITE;

  static MappingRequest check(
      long length, int protection, int flags, FileDescription file, long offset) {
    if ((offset & Platform.PAGE_SIZE - 1) != 0) {
      throw Errno.EINVAL.exception();
    }
    if (length == 0) {
      throw Errno.EINVAL.exception();
    }
    long size = AddressSpaceState.alignUp(length);
    if (size <= 0 || size > Platform.MAX_USER_ADDRESS) {
      throw Errno.ENOMEM.exception();
    }
    if (file != null && (offset < 0 || offset + size < 0)) {
      throw Errno.EOVERFLOW.exception();
    }
    int type = flags & MemoryFlags.MAP_TYPE;
    boolean anonymous = file == null;
    if (type != MemoryFlags.MAP_PRIVATE
        && type != MemoryFlags.MAP_SHARED
        && (anonymous || type != MemoryFlags.MAP_SHARED_VALIDATE)) {
      throw Errno.EINVAL.exception();
    }
    boolean shared = type != MemoryFlags.MAP_PRIVATE;
    if ((flags & MemoryFlags.MAP_HUGETLB) != 0 && anonymous) {
      // There is no pool of huge pages, as on a Linux with vm.nr_hugepages 0.
      throw Errno.ENOMEM.exception();
    }
    if (anonymous) {
      return new MappingRequest(null, null, shared, size, Vma.MAY_ALL | (shared ? Vma.SHARED : 0));
    }
    return checkFile(size, protection, flags, file, shared);
  }

  private static MappingRequest checkFile(
      long size, int protection, int flags, FileDescription file, boolean shared) {
    boolean validate = (flags & MemoryFlags.MAP_TYPE) == MemoryFlags.MAP_SHARED_VALIDATE;
    if (validate && (flags & ~MemoryFlags.LEGACY_MAP_MASK) != 0) {
      throw Errno.EOPNOTSUPP.exception();
    }
    int vmaFlags = Vma.MAY_ALL | (shared ? Vma.SHARED : 0);
    if (shared && !file.writable()) {
      if ((protection & MemoryFlags.PROT_WRITE) != 0) {
        throw Errno.EACCES.exception();
      }
      vmaFlags &= ~Vma.MAY_WRITE;
    }
    if (shared
        && file instanceof Sealable sealed
        && (sealed.seals() & SEALED_AGAINST_WRITING) != 0) {
      if ((protection & MemoryFlags.PROT_WRITE) != 0) {
        throw Errno.EPERM.exception();
      }
      vmaFlags &= ~Vma.MAY_WRITE;
    }
    if (!file.readable()) {
      throw Errno.EACCES.exception();
    }
    if (file.path() != null && (file.path().mount().flags() & Mount.MS_NOEXEC) != 0) {
      if ((protection & MemoryFlags.PROT_EXEC) != 0) {
        throw Errno.EPERM.exception();
      }
      vmaFlags &= ~Vma.MAY_EXEC;
    }
    Mappable mappable = file.mappable();
    if ((flags & MemoryFlags.MAP_GROWSDOWN) != 0) {
      throw Errno.EINVAL.exception();
    }
    return new MappingRequest(file, mappable, shared, size, vmaFlags);
  }

  /**
   * The backing for the new VMA, with a reference of its own; null for private anonymous memory.
   */
  Backing newBacking(MemoryFile memory) {
    if (file != null) {
      if (!file.tryRetain()) {
        throw Errno.EBADF.exception();
      }
      return Backing.ofFile(file, mappable, shared && (vmaFlags & Vma.MAY_WRITE) != 0);
    }
    return shared ? Backing.ofSharedMemory(new SharedMemory(memory, size)) : null;
  }
}

package io.loomvisor.kernel.syscall.mount;

import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.VfsPath;
import java.util.ArrayList;
import java.util.List;

/**
 * What a file system context knows (fs/fs_context.c); immutable.
 *
 * @param source null until it is set
 * @param readOnly what "ro" and "rw" have said last; null: nothing
 * @param filesystem what was made; null until then
 * @param mount the root of the mount that fspick(2) was given; null after fsopen(2)
 */
record FsContextState(
    Phase phase,
    String source,
    List<String> options,
    Boolean readOnly,
    Filesystem filesystem,
    VfsPath mount) {
  /** enum fs_context_phase, include/linux/fs_context.h. */
  enum Phase {
    CREATE_PARAMETERS,
    CREATING,
    AWAITING_MOUNT,
    AWAITING_RECONFIGURE,
    RECONFIGURE_PARAMETERS,
    FAILED
  }

  static FsContextState opened() {
    return new FsContextState(Phase.CREATE_PARAMETERS, null, List.of(), null, null, null);
  }

  static FsContextState picked(VfsPath mount) {
    return new FsContextState(Phase.RECONFIGURE_PARAMETERS, null, List.of(), null, null, mount);
  }

  FsContextState in(Phase next) {
    return new FsContextState(next, source, options, readOnly, filesystem, mount);
  }

  FsContextState withSource(String name) {
    return new FsContextState(phase, name, options, readOnly, filesystem, mount);
  }

  FsContextState withReadOnly(boolean on) {
    return new FsContextState(phase, source, options, on, filesystem, mount);
  }

  FsContextState withOption(String option) {
    List<String> more = new ArrayList<>(options);
    more.add(option);
    return new FsContextState(phase, source, List.copyOf(more), readOnly, filesystem, mount);
  }

  FsContextState made(Filesystem made) {
    return new FsContextState(Phase.AWAITING_MOUNT, source, options, readOnly, made, mount);
  }

  /** A mount was made or changed: what was said is forgotten, the file system stays. */
  FsContextState mounted() {
    return new FsContextState(Phase.AWAITING_RECONFIGURE, null, List.of(), null, filesystem, mount);
  }

  boolean takesParameters() {
    return phase == Phase.CREATE_PARAMETERS || phase == Phase.RECONFIGURE_PARAMETERS;
  }

  boolean saysReadOnly() {
    return Boolean.TRUE.equals(readOnly);
  }
}

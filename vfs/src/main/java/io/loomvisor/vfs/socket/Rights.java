package io.loomvisor.vfs.socket;

import io.loomvisor.vfs.FileDescription;
import java.util.List;

/**
 * Descriptors that a message carries (SCM_RIGHTS). Whoever holds one owns a reference to each.
 *
 * @param uid of the sender, whose descriptors on their way are counted together
 * @param inFlightLimit how many of them there may be already: RLIMIT_NOFILE
 */
public record Rights(List<FileDescription> files, int uid, int inFlightLimit) {
  public static final Rights NONE = new Rights(List.of(), 0, 0);

  public boolean isEmpty() {
    return files.isEmpty();
  }

  /**
   * The same with references of its own. The caller holds this one, so none can have gone
   * meanwhile.
   */
  public Rights retained() {
    for (FileDescription d : files) {
      if (!d.tryRetain()) {
        throw new IllegalStateException("a descriptor on its way lost its reference");
      }
    }
    return this;
  }

  /** Gives the references back; no actor may be held. */
  public void release() {
    for (FileDescription d : files) {
      d.release();
    }
  }
}

package io.loomvisor.vfs;

/** Takes directory entries one by one. */
@FunctionalInterface
public interface DirectorySink {
  /**
   * @param nextOffset the d_off: position after this entry
   * @param direntType DT_ constant
   * @return false if there is no room for it: the entry was not taken
   */
  boolean entry(String name, long ino, int direntType, long nextOffset);
}

package io.loomvisor.vfs.cache;

/**
 * A description that wants to know how many mappings of it there are: attachments of System V
 * shared memory show it (shm_nattch).
 */
public interface CountsMappings {
  /**
   * There are so many mappings more, or fewer. Called by a memory manager within its actor, so it
   * neither waits nor asks.
   */
  void mapped(int change);
}

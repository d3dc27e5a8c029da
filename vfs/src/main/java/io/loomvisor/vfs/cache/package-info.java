/**
 * The page cache: file contents in frames of the sandbox's memory file, so that a file mapped by
 * many processes is one set of frames. Frames come from a {@link io.loomvisor.vfs.cache.PageStore};
 * each inode's actor owns its own pages. Files in memory alone (tmpfs) have an actor of their own;
 * {@link io.loomvisor.vfs.cache.CachedFile} is the one for files whose bytes live outside the
 * sandbox, and {@link io.loomvisor.vfs.cache.PageCache} bounds what these keep.
 */
package io.loomvisor.vfs.cache;

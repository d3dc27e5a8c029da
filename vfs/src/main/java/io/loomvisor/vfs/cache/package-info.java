/**
 * The page cache: file contents in frames of the sandbox's memory file, so that a file mapped by many processes is one set
 * of frames. Frames come from a {@link io.loomvisor.vfs.cache.PageStore}; each inode's actor owns its own pages.
 */
package io.loomvisor.vfs.cache;

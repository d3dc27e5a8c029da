/**
 * The host's files, as the gofer shows them, in one of two ways ({@link
 * io.loomvisor.vfs.gofer.FileAccess}).
 *
 * <p>In an exclusive tree names and attributes are cached without asking again, so it must be the
 * sandbox's alone or be read-only. What the host changes inside a file of a read-only tree shows
 * when it is opened next; names that come or go there show late or never, and opening a file that
 * was replaced fails with ESTALE. The time of the last access is the host's, of the time the
 * attributes were heard.
 *
 * <p>In a shared tree others change names and files too. Each walk asks the gofer for all its names
 * at once ({@link io.loomvisor.vfs.gofer.SharedNames}), each stat for the attributes; read(2) and
 * write(2) are the host's, by the donated descriptor, which an open file keeps. Pages are cached
 * for mappings only, and looked after when the file is opened, read, mapped or synchronized ({@link
 * io.loomvisor.vfs.cache.CachedFile#check}). Answers can overtake one another; questions are
 * numbered, and the answer to the latest one stays.
 *
 * <p>{@link io.loomvisor.vfs.gofer.GoferFilesystem} is the actor that owns names: the children
 * known of each directory, and the names known of each inode. Both tables refer to inodes weakly
 * ({@link io.loomvisor.vfs.gofer.KnownInodes}): who uses a file keeps its inode. Whatever changes a
 * name holds it until the gofer has answered, so that the order here is the order there; the gofer
 * serves one request at a time anyway, and never waits for the sandbox. Looking a name up and
 * opening a file hold no actor of this package while they ask the gofer, for a page fault may need
 * them.
 *
 * <p>Contents live in the page cache ({@link io.loomvisor.vfs.cache.CachedFile}); they are read and
 * written through descriptors that the gofer donates ({@link io.loomvisor.vfs.gofer.OpenHostFiles}
 * bounds how many). Directories stand on fids, of which {@link
 * io.loomvisor.vfs.gofer.DirectoryFids} bounds the number.
 *
 * <p>Nothing that the gofer answers is trusted: a reply that makes no sense is EIO, a dead gofer
 * makes every operation EIO.
 */
package io.loomvisor.vfs.gofer;

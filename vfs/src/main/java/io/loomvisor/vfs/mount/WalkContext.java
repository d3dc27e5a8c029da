package io.loomvisor.vfs.mount;

import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.VfsPath;

/**
 * Where and as whom a path is walked.
 *
 * @param root the task's root directory: absolute paths start here and ".." stops here
 * @param start where relative paths start: the working directory or an open directory
 * @param umask applied to what is created
 */
public record WalkContext(
    MountNamespace namespace, VfsPath root, VfsPath start, int umask, Caller caller) {}

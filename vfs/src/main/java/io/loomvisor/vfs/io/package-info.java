/**
 * Where file data goes to and comes from: application memory or the heap, behind one pair of
 * interfaces.
 */
package io.loomvisor.vfs.io;

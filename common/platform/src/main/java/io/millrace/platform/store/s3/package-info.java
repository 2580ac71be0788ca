/** Objects in a bucket of a server that speaks S3, and their copies on this machine. */
@NullMarked
package io.millrace.platform.store.s3;

import org.jspecify.annotations.NullMarked;

/** Tests on a real S3 server. */
@NullMarked
package io.millrace.platform.store.s3;

import org.jspecify.annotations.NullMarked;

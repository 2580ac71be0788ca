/**
 * Codecs of the prepared records: what preparation writes and training reads, checked by CRC-32C.
 */
@NullMarked
package io.millrace.contracts.record;

import org.jspecify.annotations.NullMarked;

package io.millrace.standalone.demo;

import io.millrace.vision.annotation.NamedBox;
import java.util.List;

/**
 * A picture to upload or to detect in.
 *
 * @param id unique in its set
 * @param mediaType of the bytes
 * @param encoded PNG or JPEG
 * @param boxes what is in it
 */
@SuppressWarnings("ArrayRecordComponent") // Pictures are large and never compared.
record DemoPicture(String id, String mediaType, byte[] encoded, List<NamedBox> boxes) {}

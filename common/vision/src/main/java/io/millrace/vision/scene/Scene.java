package io.millrace.vision.scene;

import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.picture.Picture;
import java.util.List;

/**
 * A rendered picture and the truth about it.
 *
 * @param boxes exact to a quarter of a pixel
 */
public record Scene(Picture picture, List<LabelledBox> boxes) {}

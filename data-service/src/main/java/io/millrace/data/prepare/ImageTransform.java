package io.millrace.data.prepare;

import com.google.protobuf.MessageLite;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.Image;
import io.millrace.contracts.data.v1.LabelledBox;
import io.millrace.contracts.data.v1.Sample;
import io.millrace.contracts.record.Samples;
import io.millrace.data.WindowLimits;
import io.millrace.data.document.PictureRules;
import io.millrace.data.document.RejectedDocumentException;
import io.millrace.vision.box.Box;
import io.millrace.vision.picture.InvalidPictureException;
import io.millrace.vision.picture.Letterbox;
import io.millrace.vision.picture.Letterboxed;
import io.millrace.vision.picture.PictureLimits;
import io.millrace.vision.picture.PictureReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Decodes pictures to samples of one size and maps their boxes. A box that reaches beyond the
 * picture is cut at its edge; one that has no area in it, or an unknown label, rejects the picture.
 */
public final class ImageTransform implements WindowTransform<Sample> {
  private final String dataset;
  private final PictureReader reader = new PictureReader(PictureLimits.defaults());
  private final Letterbox letterbox;
  private final int width;
  private final int height;
  private final Map<String, Integer> classes = new HashMap<>();

  /**
   * A transform for one dataset.
   *
   * @param width of the samples in pixels
   * @param height of the samples in pixels
   * @param classes labels in the order of their index
   */
  public ImageTransform(String dataset, int width, int height, List<String> classes) {
    this.dataset = dataset;
    this.letterbox = new Letterbox(width, height);
    this.width = width;
    this.height = height;
    for (String label : classes) {
      this.classes.put(label, this.classes.size());
    }
  }

  @Override
  public int most(WindowLimits limits) {
    return limits.images();
  }

  /** The sample of a picture; its sequence number is not known yet. */
  @Override
  public Sample prepare(Document document) throws RejectedDocumentException {
    if (!document.hasImage()) {
      throw new RejectedDocumentException(
          document.hasText() ? "a text in a dataset of images" : "a document without content");
    }
    Image image = document.getImage();
    String fault = PictureRules.faultOf(image);
    if (!fault.isEmpty()) {
      throw new RejectedDocumentException(fault);
    }
    Letterboxed pixels;
    try {
      pixels = letterbox.apply(reader.read(image.getEncoded().toByteArray(), document.getId()));
    } catch (InvalidPictureException e) {
      throw new RejectedDocumentException(String.valueOf(e.getMessage()), e);
    }
    List<LabelledBox> boxes = new ArrayList<>(image.getBoxesCount());
    for (int i = 0; i < image.getBoxesCount(); i++) {
      boxes.add(box(i, image.getBoxes(i), pixels));
    }
    return Samples.of(
        dataset,
        0,
        document.getId(),
        width,
        height,
        pixels.picture().rgb(),
        (float) pixels.scale(),
        boxes);
  }

  @Override
  public List<Sample> records(List<Sample> documents, long firstSequenceNumber) {
    List<Sample> samples = new ArrayList<>(documents.size());
    for (Sample sample : documents) {
      samples.add(
          sample.toBuilder().setSequenceNumber(firstSequenceNumber + samples.size()).build());
    }
    return samples;
  }

  @Override
  public long tokens(Sample document) {
    return 0;
  }

  @Override
  public long boxes(Sample document) {
    return document.getBoxesCount();
  }

  @Override
  public long packedTokens(MessageLite record) {
    return 0;
  }

  private LabelledBox box(int index, io.millrace.contracts.data.v1.Box box, Letterboxed pixels)
      throws RejectedDocumentException {
    Integer label = classes.get(box.getLabel());
    if (label == null) {
      throw new RejectedDocumentException(
          "box %d has the label '%s', which is not a class of the dataset"
              .formatted(index, box.getLabel()));
    }
    Box original = new Box(box.getX(), box.getY(), box.getWidth(), box.getHeight());
    Box inside = original.clip(pixels.originalWidth(), pixels.originalHeight());
    if (!(box.getWidth() > 0 && box.getHeight() > 0 && inside.area() > 0)) {
      throw new RejectedDocumentException(
          "box %d ('%s', %s x %s at %s, %s) has no area in the picture of %d x %d"
              .formatted(
                  index,
                  box.getLabel(),
                  box.getWidth(),
                  box.getHeight(),
                  box.getX(),
                  box.getY(),
                  pixels.originalWidth(),
                  pixels.originalHeight()));
    }
    Box scaled = pixels.fromOriginal(inside);
    LabelledBox.Builder prepared = LabelledBox.newBuilder();
    if (box.hasArea()) {
      prepared.setArea((float) (box.getArea() * (scaled.area() / original.area())));
    }
    return prepared
        .setX((float) scaled.x())
        .setY((float) scaled.y())
        .setWidth((float) scaled.width())
        .setHeight((float) scaled.height())
        .setClassIndex(label)
        .setCrowd(box.getCrowd())
        .build();
  }
}

package org.sluice.jobs.settings;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sluice.jobs.InputException;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Reads YAML into settings that know their line. */
public final class YamlSettings {
    private final String file;

    private YamlSettings(String file) {
        this.file = file;
    }

    /**
     * Reads a text.
     *
     * @param text one YAML document, a section of keys at its top
     * @param file its name, for messages
     * @throws InputException if it is not YAML, has a key twice, or is no section
     */
    public static Setting.Section read(String text, String file) {
        YamlSettings reader = new YamlSettings(file);
        Node root;
        try {
            root = new Yaml(new LoaderOptions()).compose(new StringReader(text));
        } catch (MarkedYAMLException e) {
            String problem = e.getContext() == null ? e.getProblem() : e.getContext() + ": " + e.getProblem();
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            throw new InputException(file + ":" + line + ": this is not YAML: " + problem, e);
        } catch (YAMLException e) {
            throw new InputException(file + ": this is not YAML: " + e.getMessage(), e);
        }
        if (root == null) {
            throw new InputException(file + ": the file is empty; a job file has keys such as 'name' and 'model'");
        }
        if (!(root instanceof MappingNode mapping)) {
            throw new InputException(
                    reader.where(root) + ": the file must be a section of keys such as 'name' and 'model'");
        }
        return reader.section(mapping);
    }

    private Setting.Section section(MappingNode mapping) {
        Map<String, Setting> entries = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw new InputException(where(tuple.getKeyNode()) + ": a key must be a word");
            }
            if (entries.put(key.getValue(), setting(tuple.getValueNode(), where(key))) != null) {
                throw new InputException(where(key) + ": the key '" + key.getValue() + "' is there twice");
            }
        }
        return new Setting.Section(entries, where(mapping));
    }

    private Setting setting(Node node, String where) {
        if (node instanceof MappingNode mapping) {
            return section(mapping);
        }
        if (node instanceof SequenceNode sequence) {
            List<Setting> items = new ArrayList<>();
            sequence.getValue().forEach(item -> items.add(setting(item, where(item))));
            return new Setting.Items(items, where);
        }
        ScalarNode scalar = (ScalarNode) node;
        return scalar.getScalarStyle() == ScalarStyle.PLAIN
                ? ScalarText.parse(scalar.getValue(), where)
                : new Setting.Scalar(scalar.getValue(), where);
    }

    private String where(Node node) {
        return file + ":" + (node.getStartMark().getLine() + 1);
    }
}

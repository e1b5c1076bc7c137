#!/usr/bin/env python3
"""Makes data/schema.txt and data/actions.txt from the shared schema files and our own descriptions.

    make_data.py FOLDER        the folder with defender_schema.json and actiontypes.json
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, '..', 'data')
SHORT = {'string': 's', 'datetime': 't', 'int': 'i', 'long': 'l', 'bool': 'b', 'real': 'r', 'dynamic': 'd', 'guid': 'g', 'timespan': 'ts', 'decimal': 'dc'}
FUNCTIONS = {
    'FileProfile': 'Adds what is known of a file worldwide, by its hash',
    'DeviceFromIP': 'Adds the device that had an address at a time',
    'AssignedIPAddresses': 'Gives the latest addresses of a device',
}


def pairs(name):
    with open(os.path.join(HERE, name), encoding='utf-8') as f:
        return dict(line.rstrip('\n').split('|', 1) for line in f if '|' in line)


def columns(cols):
    return ' '.join('%s:%s' % (n, SHORT[t]) for n, t in cols)


def main():
    folder = sys.argv[1]
    with open(os.path.join(folder, 'defender_schema.json'), encoding='utf-8') as f:
        schema = json.load(f)
    with open(os.path.join(folder, 'actiontypes.json'), encoding='utf-8') as f:
        actions = json.load(f)
    about = pairs('tables.txt')
    lines = []
    for kind, tables in (('D', schema['tables']), ('S', schema['sentinel'])):
        for name, cols in tables.items():
            lines.append('\t'.join([kind, name, about.get(name, ''), schema['replacedBy'].get(name, ''), columns(cols)]))
    for alias, name in schema['aliases'].items():
        lines.append('\t'.join(['A', alias, name]))
    for name, f in schema['functions'].items():
        cols = f.get('adds') or f.get('returns')
        lines.append('\t'.join(['F', name, '1' if f['kind'] == 'invoke' else '0', '0', str(len(f['args'])), FUNCTIONS.get(name, ''), columns(cols)]))
    with open(os.path.join(OUT, 'schema.txt'), 'w', encoding='utf-8') as f:
        f.write('\n'.join(lines) + '\n')
    with open(os.path.join(OUT, 'actions.txt'), 'w', encoding='utf-8') as f:
        for name, t in actions['tables'].items():
            f.write(name + '\t' + '\t'.join(t['values']) + '\n')
    with open(os.path.join(OUT, 'columns.txt'), 'w', encoding='utf-8') as f:
        for name, text in pairs('columns.txt').items():
            f.write(name + '\t' + text + '\n')


main()

x: {{ pillar.nowhere }}

"""Ansible's modules for Windows, carried out by a simulated host's own PowerShell.

ansible-core sends every module through a bootstrap script, which reads from its input a wrapper,
and that a manifest with the module, what it needs and its arguments; 2.19 changed their forms.
The wrapper compiles C# and asks .NET for its inside, which no simulated host does. So the
bootstrap is recognised, the manifest is read here, and the module itself runs unmodified, with
``[Ansible.Basic.AnsibleModule]`` built in.
"""

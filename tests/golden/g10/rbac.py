# rbac.py
from functools import wraps
from flask import request, jsonify
class RoleBasedAccessControl:
    def __init__(self):
        self.permissions = {
            'admin': ['read', 'write', 'delete', 'admin'],
            'manager': ['read', 'write'],
            'user': ['read'],
            'guest': []
        }
    def require_permission(self, permission):
        """Decorator to require specific permission"""
        def decorator(f):
            @wraps(f)
            def decorated_function(*args, **kwargs):
                # Get user from JWT token
                user = self.get_current_user()
                if not user:
                    return jsonify({'error': 'Authentication required'}), 401
                # Check permission
                if not self.has_permission(user['roles'], permission):
                    return jsonify({'error': 'Insufficient permissions'}), 403
                return f(*args, **kwargs)
            return decorated_function
        return decorator
    def has_permission(self, user_roles, required_permission):
        """Check if user has required permission"""
        for role in user_roles:
            if required_permission in self.permissions.get(role, []):
                return True
        return False
    def get_current_user(self):
        """Get current user from JWT token"""
        # Implementation depends on your JWT setup
        pass
# Usage
rbac = RoleBasedAccessControl()
@app.route('/admin/users')
@rbac.require_permission('admin')
def get_all_users():
    return jsonify(users)
@app.route('/customer/<int:customer_id>')
@rbac.require_permission('read')
def get_customer(customer_id):
    # Additional check: users can only access their own data
    user = rbac.get_current_user()
    if user['role'] != 'admin' and user['customer_id'] != customer_id:
        return jsonify({'error': 'Access denied'}), 403
    return jsonify(customer_data)
